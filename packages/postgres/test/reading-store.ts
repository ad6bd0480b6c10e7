import type { LedgerFilter, PaymentReader, PaymentWriter } from "@takings/domain";
import { testDatabase } from "@takings/testkit";
import type { Pool } from "pg";
import { createPaymentReader } from "../src/payment-reader.ts";
import { createPaymentWriter } from "../src/payment-writer.ts";
import { createPool } from "../src/pool.ts";

/** A database of its own with both halves of the store over it, each in its own role. */
export type ReadingStore = {
  readonly reader: PaymentReader;
  readonly writer: PaymentWriter;
  /** As the superuser: for rows that no event could make. */
  readonly admin: Pool;
  close(): Promise<void>;
};

export async function readingStore(): Promise<ReadingStore> {
  const database = await testDatabase();
  const pools = [database.readerUrl, database.writerUrl, database.superuserUrl].map((url) => poolOf(url));
  const [reading, writing, admin] = pools;
  if (reading === undefined || writing === undefined || admin === undefined) throw new Error("three pools");
  return {
    reader: createPaymentReader(reading),
    writer: createPaymentWriter(writing),
    admin,
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.drop();
    },
  };
}

export function poolOf(url: string, statementTimeoutMs = 5_000): Pool {
  return createPool({ url, name: "test", max: 3, statementTimeoutMs, onIdleError: () => {} });
}

/** Everything live of the platform as of now, and what differs from that. */
export async function filterNow(
  reader: PaymentReader,
  different: Partial<LedgerFilter> = {},
): Promise<LedgerFilter> {
  return {
    asOf: await reader.latestMoment(),
    from: undefined,
    to: undefined,
    currency: undefined,
    livemode: true,
    account: null,
    ...different,
  };
}
