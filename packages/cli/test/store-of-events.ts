import {
  createPaymentService,
  type EventRecord,
  type PaymentReader,
  type PaymentWriter,
} from "@takings/domain";
import { createPaymentReader, createPaymentWriter, createPool } from "@takings/postgres";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { toEventRecord } from "@takings/wire";
import type { Pool } from "pg";

/** A new database with a writer, a reader and a superuser connection. */
export type StoreOfEvents = {
  readonly database: TestDatabase;
  readonly writing: Pool;
  readonly writer: PaymentWriter;
  readonly reader: PaymentReader;
  readonly admin: Pool;
  /** The live net of the platform: as queries return it, and as the sum of the entries at the same read time. */
  bothWays(): Promise<{ readonly answered: bigint; readonly added: bigint }>;
  close(): Promise<void>;
};

export async function storeOfEvents(): Promise<StoreOfEvents> {
  const database = await testDatabase();
  const poolOf = (url: string): Pool =>
    createPool({ url, name: "test", max: 4, statementTimeoutMs: 20_000, onIdleError: () => {} });
  const [writing, reading] = [poolOf(database.writerUrl), poolOf(database.readerUrl)];
  const admin = poolOf(database.superuserUrl);
  const reader = createPaymentReader(reading);
  return {
    database,
    writing,
    writer: createPaymentWriter(writing),
    reader,
    admin,
    async bothWays() {
      const asOf = await reader.safeReadTime();
      const everything = {
        asOf,
        from: undefined,
        to: undefined,
        currency: undefined,
        livemode: true,
        source: "default",
        account: null,
      };
      const sums = await reader.sums(everything);
      const { rows } = await admin.query<{ added: string }>(
        "select coalesce(sum(amount), 0)::text as added from takings.ledger_as_of($1) where livemode and account = ''",
        [asOf],
      );
      return {
        answered: sums.reduce((all, sum) => all + sum.gross - sum.refunded - sum.disputed, 0n),
        added: BigInt(rows[0]?.added ?? 0),
      };
    },
    async close() {
      await Promise.all([writing, reading, admin].map((pool) => pool.end()));
      await database.drop();
    },
  };
}

const payments = createPaymentService();
const begin = Date.UTC(2024, 4, 1) / 1000;

/** The amount of a payment. */
export function amountOf(n: number): bigint {
  return BigInt(100 + n);
}

/** The record of a payment. Every 900th belongs to the same PaymentIntent, at another time. */
export function paymentOf(n: number, fields: Readonly<Record<string, unknown>> = {}): EventRecord {
  const event = {
    id: `evt_${n}`,
    type: "payment_intent.succeeded",
    created: begin + ((n * 7_919) % 700) * 3_600,
    livemode: true,
    ...fields,
    data: { object: { id: `pi_${n % 900}`, amount_received: Number(amountOf(n)), currency: "usd" } },
  };
  return toEventRecord(
    { source: "default", body: Buffer.from(JSON.stringify(event)), receivedAt: new Date() },
    payments,
  );
}

/** The same record as other rules would have read it: with ten times the amount. */
export function readByOtherRules(record: EventRecord): EventRecord {
  if (record.facts === undefined) return record;
  const shows = record.facts.shows.map((seen) =>
    seen.object === "payment_intent" ? { ...seen, amountReceived: (seen.amountReceived ?? 0n) * 10n } : seen,
  );
  return { ...record, facts: { ...record.facts, shows } };
}
