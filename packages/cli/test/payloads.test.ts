import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { payloadsCommand } from "../src/payloads/payloads-command.ts";
import { type Ended, run, takings } from "./takings.ts";

describe("takings payloads prune", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(() => database.drop());

  function prune(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    const asPruner = `${database.superuserUrl}?options=${encodeURIComponent("-c role=takings_pruner")}`;
    return run(payloadsCommand, ["prune", ...args], { DATABASE_URL: asPruner, ...env });
  }

  it("keeps everything when no retention is set", async () => {
    expect(await prune([])).to.deep.include({ code: 0 });
    expect((await prune([])).output).to.match(/kept permanently/);
  });

  it("reports what it removed, by the configured or the requested retention", async () => {
    const { code, output } = await prune([], { PAYLOAD_RETENTION_DAYS: "90" });
    expect([code, output]).to.deep.equal([
      0,
      "removed 0 payloads of processed events recorded more than 90 days ago\n",
    ]);
    expect((await prune(["--older-than-days", "7"], { PAYLOAD_RETENTION_DAYS: "90" })).output).to.match(
      /more than 7 days/,
    );
  });

  it("only reports what it would remove in a dry run", async () => {
    expect((await prune(["--dry-run", "--older-than-days", "30"])).output).to.equal(
      "would remove 0 payloads of processed events recorded more than 30 days ago\n",
    );
  });

  for (const wrong of ["0", "1.5", "soon"]) {
    it(`rejects ${wrong} as a number of days`, async () => {
      const asked = ["payloads", "prune", `--older-than-days=${wrong}`];
      expect((await takings(asked, { DATABASE_URL: database.superuserUrl })).code).to.equal(1);
      const { code, output } = await prune([], { PAYLOAD_RETENTION_DAYS: wrong });
      expect(code).to.equal(1);
      expect(output).to.match(/PAYLOAD_RETENTION_DAYS: must be a whole number/);
    });
  }

  it("fails with the cause when the database is unavailable", async () => {
    const { code, output } = await prune(["--older-than-days", "30"], {
      DATABASE_URL: "postgres://takings@127.0.0.1:1/takings",
    });
    expect(code).to.equal(1);
    expect(output).to.match(/ECONNREFUSED/);
  });
});
