import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type NatsLink, openLink } from "@takings/nats";
import { testSecret } from "@takings/simulator";
import {
  eventually,
  fakeStripe,
  fakeStripeKey,
  type FakeStripe,
  startService,
  type TestDatabase,
  testDatabase,
  type TestNats,
  type TestNatsOptions,
  testNats,
  type TestService,
} from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import type { ConsumerInfo, JetStreamManager, StreamInfo } from "nats";
import { Client } from "pg";
import { createOperator, type Operator } from "./runbook.ts";

/** An installation of one test, which damages and repairs it. */
export type RunbookContext = AsyncDisposable & {
  readonly nats: TestNats;
  readonly database: TestDatabase;
  readonly ingress: TestService;
  readonly stripe: FakeStripe;
  readonly operator: Operator;
  startConsumer(env?: Readonly<Record<string, string>>): Promise<TestService>;
  streamInfo(): Promise<StreamInfo>;
  durableInfo(): Promise<ConsumerInfo>;
  manager(): Promise<JetStreamManager>;
  /** Queries the current database of the services. */
  sql<Row extends object>(text: string): Promise<Row[]>;
};

/** @param maxBytes initial size limit of the stream. */
export async function createRunbookContext(
  maxBytes: number,
  options: TestNatsOptions = {},
): Promise<RunbookContext> {
  const started = new AsyncDisposableStack();
  const nats = started.use(await testNats(options));
  const database = started.use(await testDatabase());
  const stripe = started.use(await fakeStripe());
  const operator = createOperator(
    {
      nats: nats.urls,
      database: {
        migrator: database.migratorUrl,
        reader: database.readerUrl,
        purger: database.purgerUrl,
        reconciler: database.reconcilerUrl,
      },
    },
    { STREAM_MAX_BYTES: String(maxBytes), STRIPE_API_URL: stripe.url, STRIPE_API_KEY: fakeStripeKey },
  );
  const made = await operator.run("takings stream");
  if (made.code !== 0) throw new Error(made.output);
  const ingress = started.use(
    await startService("ingress", {
      NATS_URL: nats.urls.ingress,
      NATS_MONITOR_URL: nats.monitorUrl,
      STRIPE_WEBHOOK_SECRETS: testSecret,
    }),
  );
  const admin: NatsLink = await openLink({ url: nats.urls.admin, name: "admin" });
  started.defer(() => admin.close());
  const manager = async (): Promise<JetStreamManager> =>
    (await admin.connected(10_000)).nats.jetstreamManager();
  return {
    nats,
    database,
    ingress,
    stripe,
    operator,
    startConsumer: async (env) =>
      started.use(
        await startService("consumer", {
          NATS_URL: nats.urls.consumer,
          DATABASE_URL: database.writerUrl,
          ...env,
        }),
      ),
    manager,
    streamInfo: async () => (await manager()).streams.info(stream.name),
    durableInfo: async () => (await manager()).consumers.info(stream.name, durable.name),
    sql: (text) => query(database.superuserUrl, text),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  return withDatabase(url, async (client) => (await client.query<Row>(text)).rows);
}

async function withDatabase<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** A frozen consumer, as on a node that hangs. */
export type FrozenConsumer = { resume(): void; kill(): Promise<unknown> };

/**
 * Starts a consumer and freezes it while it holds `count` events: one in an open transaction, the others not yet
 * processed.
 */
export async function freezeWith(
  context: RunbookContext,
  count: number,
  accept: (count: number) => Promise<unknown>,
): Promise<FrozenConsumer> {
  const consumer = await context.startConsumer({ BATCH_SIZE: String(count - 1) });
  await untilCommitted(context);
  const holds = (number: number): Promise<boolean> =>
    eventually(`the consumer to hold ${number}`, async () => {
      const { num_ack_pending: held } = await context.durableInfo();
      return held === number;
    });
  await withDatabase(context.database.superuserUrl, async (client) => {
    await client.query("begin; lock table takings.events in access exclusive mode");
    await accept(1);
    await holds(1);
    // Otherwise it might take others with the first one, and still have room for what is accepted later.
    await eventually("the first one to wait for the table", async () => {
      const { rows } = await client.query(
        "select from pg_locks where relation = 'takings.events'::regclass and not granted",
      );
      return rows.length > 0;
    });
    await accept(count - 1);
    await holds(count);
    process.kill(consumer.pid, "SIGSTOP");
    // Its open transactions end too.
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'takings_consumer' and datname = current_database()",
    );
  });
  return { resume: () => void process.kill(consumer.pid, "SIGCONT"), kill: () => consumer.end("SIGKILL") };
}

/** Until everything on the stream is acknowledged: `takings_consumer_pending` is 0. */
export async function untilCommitted(context: RunbookContext): Promise<void> {
  await eventually(
    "takings_consumer_pending to be 0",
    async () => {
      const { num_pending: pending, num_ack_pending: held } = await context.durableInfo();
      return pending + held === 0;
    },
    45_000,
  );
}

/** Kills the server and deletes its store, or replaces it with a copy. */
export async function replaceStore({ nats }: RunbookContext, copy?: string): Promise<void> {
  await nats.kill();
  await rm(nats.storeDir, { recursive: true });
  if (copy !== undefined) await cp(copy, nats.storeDir, { recursive: true });
  await nats.start();
}

/** Copies the store. */
export async function copyStore({ nats }: RunbookContext): Promise<string> {
  await nats.stop();
  const copy = join(nats.storeDir, "..", "snapshot");
  await cp(nats.storeDir, copy, { recursive: true });
  await nats.start();
  return copy;
}

/** Copies the database of the services. The returned function replaces it with the copy, as a new database. */
export async function backUp({ database }: RunbookContext): Promise<() => Promise<void>> {
  const server = new URL(database.superuserUrl);
  server.pathname = "/postgres";
  const copy = `${database.name}_backup`;
  const make = (name: string, template: string): Promise<unknown> =>
    eventually(`a copy of ${template}`, async () => {
      await query(
        server.href,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${template}'`,
      );
      await query(server.href, `create database ${name} owner takings_migrator template ${template}`);
      return true;
    });
  await make(copy, database.name);
  return async () => {
    await query(server.href, `drop database ${database.name} with (force)`);
    await make(database.name, copy);
    await query(server.href, `drop database ${copy}`);
  };
}
