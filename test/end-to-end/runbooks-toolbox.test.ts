import { readFileSync } from "node:fs";
import { migrate } from "@takings/postgres";
import { type TestDatabase, testDatabase, type TestNats, testNats } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { Client } from "pg";
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

describe("the grant for the exporter of CloudNativePG", () => {
  const [, grant = ""] =
    /psql --command '(grant connect [^']+)'/.exec(
      readFileSync(new URL("../../k8s/production/README.md", import.meta.url), "utf8"),
    ) ?? [];

  it("lets it connect again after `takings migrate`, and is kept by the next one", async () => {
    await using database = await testDatabase({ migrated: false });
    await using superuser = await connected(database.superuserUrl);
    await superuser.client.query("create role cnpg_metrics_exporter login password 'x' in role pg_monitor");
    const exporter = new URL(database.superuserUrl);
    [exporter.username, exporter.password] = ["cnpg_metrics_exporter", "x"];
    try {
      await migrate(database.migratorUrl, () => undefined);
      expect(await refusal(exporter.href)).to.match(/permission denied for database/);
      await superuser.client.query(grant.replace("database takings ", `database "${database.name}" `));
      expect(await refusal(exporter.href)).to.equal(undefined);
      await migrate(database.migratorUrl, () => undefined);
      expect(await refusal(exporter.href)).to.equal(undefined);
    } finally {
      await superuser.client.query("drop owned by cnpg_metrics_exporter");
      await superuser.client.query("drop role cnpg_metrics_exporter");
    }
  });

  it("is the one of the runbook", () => {
    const runbook = readFileSync(
      new URL("../../docs/runbooks/PostgresMetricsAbsent.md", import.meta.url),
      "utf8",
    );
    expect(grant).to.not.equal("");
    expect(runbook).to.include(`psql --command '${grant}'`);
  });
});

async function connected(url: string): Promise<AsyncDisposable & { readonly client: Client }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

/** Why a login may not connect, or `undefined`. */
async function refusal(url: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.query("select from pg_stat_archiver");
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    await client.end();
  }
}
