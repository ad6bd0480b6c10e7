import { type EventRecord, messageIdOf, type Moment, rulesVersion } from "@takings/domain";
import type { PoolClient } from "pg";
import { encodeBalance } from "../columns/balance-column.ts";
import { encodeFacts, objectOfFacts } from "../columns/facts-column.ts";
import type { StoredPayload } from "../columns/payload-codec.ts";
import { storableText } from "../columns/storable-text.ts";

const text = `
  insert into takings.events (
    event_id, source, type, created, received_at, livemode, account, object_id, payment_intent, status, reason,
    payload, payload_codec, payload_removed_at, facts, payment_object, recorded_at, rules, balance
  )
  select
    event_id, source, type, created, received_at, livemode, account, object_id, payment_intent, status, reason,
    substring($11::bytea from payload_start for payload_length),
    payload_codec, case when payload_length is null then $17::timestamptz end, facts, payment_object,
    $17::timestamptz, $18::smallint, balance
  from unnest(
    $1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::boolean[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $12::integer[], $13::integer[], $14::smallint[], $15::jsonb[],
    $16::text[], $19::jsonb[], $20::text[]
  ) as incoming (
    event_id, type, created, received_at, livemode, account, object_id, payment_intent, status, reason,
    payload_start, payload_length, payload_codec, facts, payment_object, balance, source
  )
  on conflict (event_id, source) do nothing
  returning event_id, source`;

/**
 * Inserts the events that are not stored yet and returns them by `messageIdOf`. Each may occur once in the list.
 * @param payloads as they are to be stored, in the order of the events; `undefined` for one that is not kept.
 */
export async function writeEvents(
  client: PoolClient,
  events: readonly EventRecord[],
  payloads: readonly (StoredPayload | undefined)[],
  recordedAt: Moment,
): Promise<ReadonlySet<string>> {
  // The payloads are sent as one binary value and cut in the statement: an array would be sent as hexadecimal text.
  const starts: number[] = [];
  let start = 1;
  for (const payload of payloads) {
    starts.push(start);
    start += payload?.bytes.byteLength ?? 0;
  }
  const { rows } = await client.query<{ event_id: string; source: string }>({
    name: "write-events",
    text,
    values: [
      events.map((event) => event.eventId),
      events.map((event) => storableText(event.type)),
      events.map((event) => event.created.toISOString()),
      events.map((event) => event.receivedAt.toISOString()),
      events.map((event) => event.livemode),
      events.map((event) => event.account),
      events.map((event) => event.objectId),
      events.map((event) => event.paymentIntent),
      events.map((event) => event.status),
      events.map((event) => event.reason && storableText(event.reason)),
      Buffer.concat(payloads.flatMap((payload) => payload?.bytes ?? [])),
      starts,
      payloads.map((payload) => payload?.bytes.byteLength ?? null),
      payloads.map((payload) => payload?.codec ?? 0),
      events.map(({ facts }) => encodeFacts(facts)),
      events.map(({ facts }) => objectOfFacts(facts)),
      recordedAt,
      rulesVersion,
      events.map(({ balance }) => encodeBalance(balance)),
      events.map(({ source }) => source),
    ],
  });
  return new Set(rows.map(({ event_id: eventId, source }) => messageIdOf({ source, eventId })));
}
