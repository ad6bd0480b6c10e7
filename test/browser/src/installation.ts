import type { EventRecord } from "@takings/domain";
import { createPaymentWriter, createPool } from "@takings/postgres";
import {
  recordPayouts,
  recordTransactions,
  startService,
  testDatabase,
  type TestService,
} from "@takings/testkit";
import { generateBalance } from "./generated-balance.ts";
import { generateEvents, lateEvents, troubledEvents } from "./generated-events.ts";
import { hostileEvents } from "./hostile-events.ts";

/** A real revenue-query over a generated ledger. */
export type Installation = AsyncDisposable & {
  readonly url: string;
  /** An instant of recording before the late events. */
  readonly before: string;
  record(events: readonly EventRecord[]): Promise<void>;
  /** What the API responds with. */
  api<Reply>(path: string): Promise<Reply>;
  /** Another process of the service over the same ledger, with other settings. */
  startAnother(env: Readonly<Record<string, string>>): Promise<TestService>;
};

const seed = 20_261_001;

/** Generates a ledger and starts the service over it, without signing in. */
export async function startInstallation(): Promise<Installation> {
  const database = await testDatabase();
  const open = (url: string): ReturnType<typeof createPool> =>
    createPool({ url, name: "test", max: 2, statementTimeoutMs: 10_000, onIdleError: () => {} });
  const [writing, all] = [open(database.writerUrl), open(database.superuserUrl)];
  const writer = createPaymentWriter(writing);
  const record = async (events: readonly EventRecord[]): Promise<void> => void (await writer.record(events));
  const { payments, events } = generateEvents(seed);
  await record([...events, ...troubledEvents(), ...hostileEvents()]);
  const { transactions, payouts } = generateBalance(payments);
  await recordTransactions(all, transactions);
  await recordPayouts(all, payouts);
  await all.query(
    `insert into takings.balance_syncs (source, account, livemode, complete_through, complete_recorded_at)
     values ('default', '', true, now(), now())`,
  );
  const startAnother = (env: Readonly<Record<string, string>>): Promise<TestService> =>
    startService("revenue-query", {
      DATABASE_URL: database.readerUrl,
      DEFAULT_LIVEMODE: "true",
      RATE_LIMIT_PER_MINUTE: "0",
      ...env,
    });
  const service = await startAnother({ ALLOW_ANONYMOUS: "true" });
  await service.ready();
  const api = async <Reply>(path: string): Promise<Reply> => {
    const response = await fetch(service.url + path);
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Reply;
  };
  const { as_of: before } = await api<{ as_of: string }>("/v1/revenue");
  await record(lateEvents());
  return {
    url: service.url,
    before,
    record,
    api,
    startAnother,
    async [Symbol.asyncDispose]() {
      await service.end("SIGTERM");
      await Promise.all([writing.end(), all.end()]);
      await database.drop();
    },
  };
}
