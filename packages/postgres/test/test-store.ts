import {
  defaultSource,
  type EventKey,
  type LedgerFilter,
  type Moment,
  type PaymentReader,
  type PaymentWriter,
} from "@takings/domain";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import type { Pool } from "pg";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { createPool } from "../src/session/pool.ts";

/** A database for one test, with a reader and a writer, each in its own role. */
export type TestStore = {
  readonly reader: PaymentReader;
  readonly writer: PaymentWriter;
  /** As the superuser, for rows that no event could make. */
  readonly admin: Pool;
  /** With the role of a pruner. */
  readonly pruner: Pool;
  close(): Promise<void>;
};

export async function createTestStore(): Promise<TestStore> {
  const database = await testDatabase();
  const pools = [database.readerUrl, database.writerUrl, database.superuserUrl, urlOfPruner(database)].map(
    (url) => poolOf(url),
  );
  const [reading, writing, admin, pruner] = pools;
  if (!reading || !writing || !admin || !pruner) throw new Error("four pools");
  return {
    reader: createPaymentReader(reading),
    writer: createPaymentWriter(writing),
    admin,
    pruner,
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.drop();
    },
  };
}

/** The tests have no login of a pruner, so the superuser takes that role when it connects. */
export function urlOfPruner(database: TestDatabase): string {
  return `${database.superuserUrl}?options=${encodeURIComponent("-c role=takings_pruner")}`;
}

export function poolOf(url: string, statementTimeoutMs = 5_000): Pool {
  return createPool({ url, name: "test", max: 3, statementTimeoutMs, onIdleError: () => {} });
}

/** The key of an event of the default source. */
export function keyOf(eventId: string): EventKey {
  return { source: defaultSource, eventId };
}

/** A moment with all six digits of microseconds, so that texts sort like instants. */
export function sortable(moment: Moment): string {
  const [second = "", fraction = ""] = moment.slice(0, -1).split(".");
  return `${second}.${fraction.padEnd(6, "0")}`;
}

/** A filter for everything live of the platform of the default source as of now, with the given differences. */
export async function filterNow(
  reader: PaymentReader,
  different: Partial<LedgerFilter> = {},
): Promise<LedgerFilter> {
  return {
    asOf: await reader.safeReadTime(),
    from: undefined,
    to: undefined,
    currency: undefined,
    livemode: true,
    source: defaultSource,
    account: null,
    ...different,
  };
}
