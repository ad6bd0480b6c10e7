import { createPaymentService, type EventRecord, type PaymentService } from "@takings/domain";
import { createPaymentWriter, createPayloadCodec, createPool } from "@takings/postgres";
import { toEventRecord } from "@takings/wire";
import type { Pool } from "pg";
import { shopEvents, type StripeEvent } from "@takings/simulator";

/** Disk space of a set of events, in bytes per event, and the cost of its compression. */
export type PayloadSizes = {
  readonly events: number;
  /** The bodies as received. */
  readonly body: number;
  /** The table of events with all its columns and indexes, and what of that is indexes. */
  readonly store: { readonly total: number; readonly indexes: number; readonly payload: number };
  /** The same events in `(event_id text primary key, created timestamptz, payload jsonb)`. */
  readonly plain: { readonly total: number; readonly indexes: number; readonly payload: number };
  /** Microseconds of processor time per event, on any thread. */
  readonly encodeUs: number;
  readonly decodeUs: number;
};

export type PayloadSizeOptions = {
  /** URLs of an empty, migrated database: for the consumer, and for a role that may create a table. */
  readonly writerUrl: string;
  readonly superuserUrl: string;
  readonly events: number;
  readonly seed: number;
};

const batchSize = 500;
const timedEvents = 10_000;
const plainTable =
  "create table public.plain_events (event_id text primary key, created timestamptz, payload jsonb)";

/** Stores the same events once as the consumer does and once in a plain table, and measures both. */
export async function measurePayloadSize(options: PayloadSizeOptions): Promise<PayloadSizes> {
  const [writing, admin] = [options.writerUrl, options.superuserUrl].map((url) =>
    createPool({ url, name: "bench", max: 1, statementTimeoutMs: 600_000, onIdleError: () => {} }),
  );
  if (writing === undefined || admin === undefined) throw new Error("two URLs must give two pools");
  try {
    await admin.query(plainTable);
    const bodyBytes = await storeTwice(options, writing, admin);
    await admin.query("vacuum analyze takings.events, public.plain_events");
    return {
      events: options.events,
      body: bodyBytes / options.events,
      store: await sizesOf(admin, "takings.events"),
      plain: await sizesOf(admin, "public.plain_events"),
      ...(await timeCodec(options)),
    };
  } finally {
    await Promise.all([writing.end(), admin.end()]);
  }
}

async function storeTwice(options: PayloadSizeOptions, writing: Pool, admin: Pool): Promise<number> {
  const writer = createPaymentWriter(writing);
  const payments = createPaymentService();
  let bodyBytes = 0;
  for (const batch of batches(options.seed, options.events)) {
    const records = batch.map((event) => recordOf(event, payments));
    await writer.record(records);
    await admin.query(
      `insert into public.plain_events
       select event_id, created, payload from unnest($1::text[], $2::timestamptz[], $3::jsonb[])
         as event (event_id, created, payload)`,
      [
        records.map(({ eventId }) => eventId),
        records.map(({ created }) => created),
        batch.map(({ body }) => body),
      ],
    );
    bodyBytes += records.reduce((sum, { payload }) => sum + payload.byteLength, 0);
  }
  return bodyBytes;
}

function* batches(seed: number, count: number): Generator<readonly StripeEvent[]> {
  const events = shopEvents(seed);
  for (let made = 0; made < count; made += batchSize) {
    const length = Math.min(batchSize, count - made);
    yield Array.from({ length }, () => events.next().value);
  }
}

/** What the consumer makes of an event, a moment after it happened. */
function recordOf(event: StripeEvent, payments: PaymentService): EventRecord {
  const record = toEventRecord(
    { source: "default", body: Buffer.from(event.body), receivedAt: new Date() },
    payments,
  );
  if (record.status === "processed")
    return { ...record, receivedAt: new Date(record.created.getTime() + 1_234) };
  throw new Error(`the product quarantines the event ${event.id} (${record.reason}): correct the generator`);
}

async function sizesOf(admin: Pool, table: string): Promise<PayloadSizes["store"]> {
  const { rows } = await admin.query<{ total: number; indexes: number; payload: number }>(
    `select pg_total_relation_size('${table}')::float / count(*) as total,
       pg_indexes_size('${table}')::float / count(*) as indexes,
       avg(pg_column_size(payload))::float as payload
     from ${table}`,
  );
  const [sizes] = rows;
  if (sizes === undefined) throw new Error(`no sizes of ${table}`);
  return sizes;
}

async function timeCodec({ seed }: PayloadSizeOptions): Promise<{ encodeUs: number; decodeUs: number }> {
  const codec = createPayloadCodec();
  const bodies = [...batches(seed + 1, timedEvents)].map((batch) =>
    batch.map(({ body }) => Buffer.from(body)),
  );
  await codec.encode(bodies[0] ?? []);
  const beforeEncoding = process.cpuUsage();
  const stored = [];
  for (const batch of bodies) stored.push(...(await codec.encode(batch)));
  const encodeUs = perEvent(process.cpuUsage(beforeEncoding));
  const beforeDecoding = process.cpuUsage();
  for (const payload of stored) codec.decode(payload);
  return { encodeUs, decodeUs: perEvent(process.cpuUsage(beforeDecoding)) };
}

function perEvent({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / timedEvents;
}
