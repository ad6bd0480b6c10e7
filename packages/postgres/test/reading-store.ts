import type { EntryKind, EventRecord, LedgerFilter, PaymentReader, PaymentWriter } from "@takings/domain";
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

/** What one event says about one entry; everything has a default. */
export type Said = {
  readonly eventId: string;
  readonly objectId?: string;
  readonly kind?: EntryKind;
  readonly amount?: bigint;
  readonly currency?: string;
  readonly at?: string;
  readonly livemode?: boolean;
  readonly account?: string | null;
  readonly paymentIntent?: string | null;
  readonly type?: string;
  readonly payload?: string;
};

/** A stored event with one ledger claim, both at the same time. */
export function eventSaying(said: Said): EventRecord {
  const created = new Date(said.at ?? "2024-05-01T00:00:00Z");
  const livemode = said.livemode ?? true;
  const account = said.account ?? null;
  const objectId = said.objectId ?? said.eventId.replace("evt", "pi");
  const paymentIntent = said.paymentIntent ?? null;
  const decidedBy = { created, eventId: said.eventId };
  return {
    eventId: said.eventId,
    type: said.type ?? "payment_intent.succeeded",
    created,
    receivedAt: created,
    livemode,
    account,
    objectId,
    paymentIntent,
    status: "processed",
    reason: null,
    payload: new TextEncoder().encode(said.payload ?? "{}"),
    claims: [
      {
        kind: said.kind ?? "payment",
        account,
        livemode,
        objectId,
        amount: said.amount ?? 100n,
        currency: said.currency ?? "usd",
        occurredAt: created,
        decidedBy,
        paymentIntent: paymentIntent === null ? undefined : { id: paymentIntent, saidBy: decidedBy },
      },
    ],
  };
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
