import { PassThrough } from "node:stream";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type Check, type Finding, notAsked, ok, todo, unknown } from "../src/doctor/check.ts";
import { exitCodes, overallStatus, reportAsJson, reportLines } from "../src/doctor/report.ts";
import { type Result, runChecks } from "../src/doctor/run-checks.ts";

describe("the checks of takings doctor", () => {
  const check = (name: string, run: () => Promise<Finding>): Check => ({ name, run });
  const named = (name: string, finding: Finding): Result => ({ name, ...finding });
  const quiet = { limitMs: 5_000, onWaiting: () => {} };

  it("reports a check that takes too long as unknown, and the others beside it", async () => {
    const results = await runChecks(
      [check("a", () => new Promise(() => {})), check("b", () => Promise.resolve(ok("well")))],
      { ...quiet, limitMs: 10 },
    );
    expect(results.map(({ status, found }) => [status, found])).to.deep.equal([
      ["unknown", "no answer within 0.01 s"],
      ["ok", "well"],
    ]);
  });

  it("reports a check that fails as unknown, with the reason and without a stack trace", async () => {
    const [result] = await runChecks(
      [check("a", () => Promise.reject(new Error("connection lost\n    at somewhere")))],
      quiet,
    );
    expect(result).to.include({ status: "unknown", found: "connection lost" });
  });

  it("lets what is to be done outweigh what is unknown, and that outweigh what is well", () => {
    const well = [named("a", ok("well")), named("b", notAsked("nothing is set"))];
    const unclear = [...well, named("c", unknown("no answer", "try again"))];
    const statuses = [well, unclear, [...unclear, named("d", todo("wrong", "mend it"))]].map(overallStatus);
    expect(statuses.map((status) => exitCodes[status])).to.deep.equal([0, 1, 2]);
  });

  it("writes a line for each check, and the text of a server on one line without control characters", () => {
    const results = [named("a", ok("well")), named("long/name", todo("\u001B[31mfirst\nsecond", "mend it"))];
    expect(reportLines(results, new PassThrough())).to.deep.equal([
      "ok  a          well",
      "do  long/name  first second; mend it",
      "1 ok, 1 to do, 0 unknown, 0 not asked",
    ]);
  });

  it("writes one JSON object in which every check has the same fields", () => {
    expect(JSON.parse(reportAsJson([named("a", notAsked("nothing is set"))]))).to.deep.equal({
      status: "ok",
      checks: [{ name: "a", status: "ok", asked: false, found: "not asked: nothing is set", advice: null }],
    });
  });
});
