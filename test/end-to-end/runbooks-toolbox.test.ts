import { readFileSync } from "node:fs";
import { type TestDatabase, testDatabase, type TestNats, testNats } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createOperator, type Operator } from "./src/runbook.ts";

const conventions = readFileSync(new URL("../../docs/runbooks/README.md", import.meta.url), "utf8");

/** Instead of the cluster: runs what follows `--` here. */
const kubectl = 'kubectl() { while [ "$1" != -- ]; do shift; done; shift; "$@"; }';

/** The functions that the conventions tell people to define. */
function documentedFunction(name: string): string {
  const [found] = new RegExp(`^${name}\\(\\) \\{[^]*?\\}$`, "m").exec(conventions) ?? [];
  if (found === undefined) throw new Error(`docs/runbooks/README.md defines no function ${name}`);
  return found;
}

describe("the commands of the runbooks in the toolbox", function () {
  this.timeout(120_000);
  let nats: TestNats;
  let database: TestDatabase;
  let operator: Operator;

  before(async () => {
    [nats, database] = await Promise.all([testNats(), testDatabase()]);
    // charts/takings gives the toolbox the owner of the database and the administrator of NATS.
    const { admin } = nats.urls;
    const owner = database.migratorUrl;
    operator = createOperator({
      nats: { admin, purger: admin, reconcile: admin },
      database: { migrator: owner, reader: owner, purger: owner, reconciler: owner },
    });
  });
  after(async () => {
    await nats[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const inToolbox = async (command: string): Promise<string> => {
    const { code, output } = await operator.run(`${kubectl}\n${documentedFunction("takings")}\n${command}`);
    expect(code, output).to.equal(0);
    return output;
  };

  it("get the settings that stand before them", async () => {
    await inToolbox("STREAM_MAX_BYTES=1000000 takings stream");
    expect(await inToolbox("STREAM_MAX_BYTES=20000000 takings stream")).to.include("1000000 → 20000000");
    expect(await inToolbox("takings stream")).to.include("nothing was changed");
  });

  for (const command of [
    "takings migrate",
    "takings stream replay",
    "STREAM_KEEP=2d takings purge --dry-run",
    "takings purge",
    "takings verify",
    "takings rebuild",
    "takings quarantine list",
    "takings quarantine replay --all --because 'a new version'",
  ])
    it(`need no other login: ${command}`, async () => {
      await inToolbox(command);
    });
});
