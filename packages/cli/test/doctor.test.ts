import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { readFile } from "node:fs/promises";
import { markdownTables } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { diagnose } from "../src/doctor/diagnose.ts";
import { doctorCommand } from "../src/doctor/doctor-command.ts";
import type { Result } from "../src/doctor/run-checks.ts";
import { databaseFaults } from "./doctor-faults/database-faults.ts";
import { endpointFaults } from "./doctor-faults/endpoint-faults.ts";
import { ledgerFaults } from "./doctor-faults/ledger-faults.ts";
import { natsFaults } from "./doctor-faults/nats-faults.ts";
import type { Planted } from "./doctor-faults/planted-fault.ts";
import { settingsFaults } from "./doctor-faults/settings-faults.ts";
import { type DoctorStack, signingSecret, startDoctorStack } from "./doctor-stack.ts";
import { run, takings } from "./takings.ts";

const faults = [...settingsFaults, ...databaseFaults, ...natsFaults, ...ledgerFaults, ...endpointFaults];

describe("takings doctor", () => {
  let stack: DoctorStack;

  before(async () => {
    stack = await startDoctorStack();
  });
  after(() => stack[Symbol.asyncDispose]());

  function look({ environment, aheadMs = 0, ...options }: Planted = {}): Promise<readonly Result[]> {
    return diagnose(
      { ...stack.environment, ...environment },
      {
        now: () => new Date(Date.now() + aheadMs),
        onWaiting: () => {},
        connectMs: 500,
        ...options,
      },
    );
  }

  const withStatus = (results: readonly Result[], status: string): readonly Result[] =>
    results.filter((result) => result.status === status);

  it("finds nothing to do in a healthy installation, and asks everything", async () => {
    const results = await look();
    expect(results.filter(({ status }) => status !== "ok")).to.deep.equal([]);
    expect(results.filter(({ asked }) => !asked)).to.deep.equal([]);
    expect(new Set(faults.map(({ check }) => check))).to.deep.equal(new Set(results.map(({ name }) => name)));
  });

  for (const { title, check, found, advice, plant } of faults) {
    it(`finds ${title}, and nothing else`, async () => {
      const planted = await plant(stack);
      try {
        const todo = withStatus(await look(planted), "todo");
        expect(todo.map(({ name }) => name)).to.deep.equal([check]);
        expect(todo[0]?.found).to.match(found);
        expect(todo[0]?.advice).to.match(advice);
      } finally {
        await planted.remove?.();
      }
    });
  }

  it("finds nothing to do once every planted fault is removed", async () => {
    expect(withStatus(await look(), "todo")).to.deep.equal([]);
  });

  it("has a line in cli.md for each check", async () => {
    const document = await readFile(new URL("../../../docs/cli.md", import.meta.url), "utf8");
    const table = markdownTables(document).find(({ columns }) => columns[0] === "check");
    expect(table?.rows.map((row) => row["check"])).to.deep.equal((await look()).map(({ name }) => name));
  });

  it("does not ask what its logins may not read, and says so", async () => {
    const results = await look({
      environment: { DATABASE_URL: stack.postgres.writerUrl, NATS_URL: stack.nats.urls.ingress },
    });
    expect(results.filter(({ status }) => status !== "ok")).to.deep.equal([]);
    expect(results.filter(({ asked }) => !asked).map(({ name }) => name)).to.include.members([
      "database/bodies",
      "nats/lag",
    ]);
  });

  it("does not ask about databases and servers that are not configured, and cannot tell then", async () => {
    const { code, output } = await run(doctorCommand, ["--json"], {});
    const { status, checks } = JSON.parse(output) as { status: string; checks: readonly Result[] };
    expect([code, status]).to.deep.equal([1, "unknown"]);
    expect(checks.filter(({ asked }) => asked).map(({ name }) => name)).to.deep.equal(["settings/variables"]);
    expect(checks.find(({ name }) => name === "nats/lag")?.found).to.equal("not asked: NATS_URL is not set");
  });

  it("prints one line for each check without secrets, and exits with 2 when something is to be done", async () => {
    const environment = {
      ...stack.environment,
      STRIPE_WEBHOOK_SECRETS: "whsec_!",
      API_TOKENS: "token of mine",
    };
    const { code, output } = await takings(["doctor"], environment);
    expect(code, output).to.equal(2);
    const lines = output.trim().split("\n");
    expect(lines).to.have.length((await look()).length + 1);
    expect(lines).to.include("ok  database/primary        the server is a primary, and can be written to");
    expect(lines.find((line) => line.startsWith("do"))).to.match(
      /^do {2}settings\/secrets {8}STRIPE_WEBHOOK_SECRETS: .*; replace them/,
    );
    expect(lines.at(-1)).to.match(/^\d+ ok, 1 to do, 0 unknown, 0 not asked$/);
    const password = new URL(stack.environment["DATABASE_URL"] ?? "").password;
    for (const secret of [
      signingSecret,
      stack.environment["STRIPE_API_KEY"] ?? "",
      password,
      "test_admin",
      "token of",
    ])
      expect(output).to.not.include(secret);
  });

  it("ends where a server accepts connections and stays silent", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    try {
      const { code } = await takings(["doctor"], { NATS_URL: `nats://127.0.0.1:${port}` });
      expect(code).to.equal(2);
    } finally {
      silent.close();
    }
  });
});
