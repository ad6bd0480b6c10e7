import { createBalanceReader, createPaymentReader, createPaymentWriter, createPool } from "@takings/postgres";
import type { BalanceReader, PaymentReader, PaymentWriter } from "@takings/domain";
import { createLogger, listen } from "@takings/runtime";
import { testDatabase } from "@takings/testkit";
import { type AppDependencies, createApp } from "../src/http/app.ts";
import { stubBalance } from "./stub-reader.ts";

/** A response, its body parsed if it is JSON. */
export type TestResponse = { readonly status: number; readonly headers: Headers; readonly body: unknown };

/** The HTTP application on a local port. */
export type TestServer = {
  readonly url: string;
  get(
    path: string,
    init?: { readonly method?: string; readonly headers?: Record<string, string> },
  ): Promise<TestResponse>;
  close(): Promise<void>;
};

const limits = { headersTimeoutMs: 5_000, requestTimeoutMs: 10_000, maxConnections: 100, drainTimeoutMs: 0 };

/** Serves the application over a reader, with anonymous access unless `different` says otherwise. */
export async function startTestServer(
  reader: PaymentReader,
  different: Partial<AppDependencies> = {},
): Promise<TestServer> {
  const app = createApp({
    reader,
    balance: stubBalance({}),
    installation: { defaultLivemode: true, stripeAccountId: undefined },
    tokens: undefined,
    page: { publicUrl: undefined, userHeader: undefined, proxies: undefined },
    deadlineMs: 6_000,
    requestsPerMinute: 0,
    queueLimits: { perCaller: 50, total: 100, queuedPerCaller: 100, queueTimeoutMs: 2_000 },
    streamLimits: { perCaller: 4, total: 8 },
    streamTimeouts: { pageMs: 60_000, totalMs: 600_000 },
    now: Date.now,
    metrics: { routeOpen: () => {}, requestFinished: () => {} },
    log: createLogger({ service: "test", level: "silent" }),
    ...different,
  });
  const server = await listen(app, { port: 0, limits });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    async get(path, init) {
      // One connection per request, so that closing the server does not have to wait.
      const headers = { connection: "close", ...init?.headers };
      const response = await fetch(url + path, { ...init, headers });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get("content-type") ?? "") && text !== "";
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    close: () => server.close(),
  };
}

/** The application over a new database. */
export type TestStoreServer = TestServer & {
  readonly writer: PaymentWriter;
  readonly reader: PaymentReader;
  readonly balance: BalanceReader;
  /** With rights that no service has. */
  readonly admin: Pick<ReturnType<typeof createPool>, "query">;
  /** Runs a statement with rights that no service has. */
  asSuperuser(statement: string): Promise<void>;
  /** Locks a table against all readers; returns what releases it. */
  lock(table: string): Promise<() => Promise<void>>;
};

export async function startStoreServer(
  different: Partial<AppDependencies> = {},
  statementTimeoutMs = 5_000,
): Promise<TestStoreServer> {
  const database = await testDatabase();
  const open = (url: string): ReturnType<typeof createPool> =>
    createPool({ url, name: "test", max: 4, statementTimeoutMs, onIdleError: () => {} });
  const reading = open(database.readerUrl);
  const writing = open(database.writerUrl);
  const all = open(database.superuserUrl);
  const reader = createPaymentReader(reading);
  const balance = createBalanceReader(reading);
  const testServer = await startTestServer(reader, { balance, ...different });
  return {
    ...testServer,
    reader,
    balance,
    admin: all,
    writer: createPaymentWriter(writing),
    async asSuperuser(statement) {
      await all.query(statement);
    },
    async lock(table) {
      const client = await all.connect();
      await client.query(`begin; lock table ${table} in access exclusive mode`);
      return async () => {
        await client.query("rollback");
        client.release();
      };
    },
    async close() {
      await testServer.close();
      await Promise.all([reading.end(), writing.end(), all.end()]);
      await database.drop();
    },
  };
}
