import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { applyEndpoint, createStripeEndpoints, wantedEndpoint } from "@takings/endpoint";
import { applyTopology, openLink } from "@takings/nats";
import { type FakeEndpointApi, fakeEndpointApi, fakeEndpointKey } from "@takings/simulator";
import { type TestNats, type TestPostgres, testNats, testPostgres, testVariable } from "@takings/testkit";
import { Client } from "pg";
import { createSecretFile } from "../src/endpoint/secret-file.ts";

/** A healthy installation, with servers of its own, because faults are planted in what belongs to a whole server. */
export type DoctorStack = AsyncDisposable & {
  /** As the toolbox of the chart has it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly postgres: TestPostgres;
  readonly nats: TestNats;
  readonly stripe: FakeEndpointApi;
  /** A file with a signing secret. */
  readonly secretFile: string;
  /** Runs statements one by one as a superuser. */
  sql(...statements: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
};

export const signingSecret = "whsec_0123456789abcdef0123456789abcdef";

export async function startDoctorStack(): Promise<DoctorStack> {
  const [postgres, nats, stripe, dir] = await Promise.all([
    testPostgres(undefined, undefined, { archive_mode: "on" }),
    testNats({ rewrite: withLimitedUser }),
    fakeEndpointApi(),
    mkdtemp(join(testVariable("TEST_DIR"), "doctor-")),
  ]);
  const secretFile = join(dir, "secrets");
  await writeFile(secretFile, signingSecret, { mode: 0o600 });
  const sourcesFile = join(dir, "sources.json");
  const sources = { "shop-eu": { webhook_secrets: [`${signingSecret}eu`], account_id: "acct_eu" } };
  await writeFile(sourcesFile, JSON.stringify(sources), { mode: 0o600 });
  await Promise.all([createTopology(nats), createEndpoint(stripe, secretFile)]);
  const client = new Client({ connectionString: postgres.superuserUrl });
  await client.connect();
  const sql = async (
    ...statements: readonly string[]
  ): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    let rows: readonly Readonly<Record<string, unknown>>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  };
  await sql(
    "alter system set archive_command = 'true'",
    "select pg_reload_conf()",
    "update takings.sources set stripe_account_id = 'acct_1'",
    "insert into takings.sources (name) values ('shop-eu')",
    `insert into takings.reconciliations
       (source, account, livemode, complete_from, complete_through, missing, different, finished_at)
     values ('default', '', false, now() - interval '1 day', now(), 0, 0, now())`,
    `insert into takings.balance_syncs (source, account, livemode, complete_through, complete_recorded_at)
     values ('default', '', false, now(), now())`,
  );
  return {
    environment: {
      DATABASE_URL: postgres.migratorUrl,
      NATS_URL: nats.urls.admin,
      NATS_MONITOR_URL: nats.monitorUrl,
      STRIPE_WEBHOOK_SECRETS_FILE: secretFile,
      STRIPE_SOURCES_FILE: sourcesFile,
      STRIPE_API_KEY: fakeEndpointKey,
      STRIPE_API_URL: stripe.url,
      PUBLIC_URL: "https://takings.example.com",
      STRIPE_ENDPOINT_URL: endpointUrl,
      STRIPE_ENDPOINT_SECRET_FILE: secretFile,
      PAYLOAD_RETENTION_DAYS: "30",
    },
    postgres,
    nats,
    stripe,
    secretFile,
    sql,
    async [Symbol.asyncDispose]() {
      await client.end();
      await Promise.all([postgres[Symbol.asyncDispose](), nats.close(), stripe[Symbol.asyncDispose]()]);
    },
  };
}

/** Creates stream and consumer. */
export async function createTopology(nats: TestNats): Promise<void> {
  const link = await openLink({ url: nats.urls.admin, name: "admin" });
  await applyTopology((await link.connected(5_000)).nats, { replicas: 1, maxBytes: 10_000_000 });
  await link.close();
}

const endpointUrl = "https://takings.example/webhooks/stripe";

/** Creates the endpoint at the fake of Stripe, and adds its secret to the file. */
async function createEndpoint(stripe: FakeEndpointApi, secretFile: string): Promise<void> {
  const stopping = new AbortController().signal;
  await applyEndpoint(wantedEndpoint({ url: endpointUrl, source: "default", connect: false }), {
    stripe: createStripeEndpoints({ apiKey: fakeEndpointKey, apiUrl: new URL(stripe.url), stopping }),
    secrets: createSecretFile(secretFile),
    onChange: () => {},
    stopping,
  });
}

/** A user who may ask nothing. */
function withLimitedUser(config: string): string {
  const user = `{ user: limited, password: test_limited, permissions: {
    publish: { deny: ">" }, subscribe: { allow: "_INBOX_limited.>" } } }`;
  return config.replace("users: [", `users: [\n    ${user}`);
}
