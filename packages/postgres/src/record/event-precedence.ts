import { type EventRecord, type Moment, rulesVersion } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { eventKeyColumns } from "../columns/event-keys.ts";
import { encodeBalance, readableBalance } from "../columns/balance-column.ts";
import { encodeFacts, objectOfFacts, readableFacts } from "../columns/facts-column.ts";
import type { StoredPayload } from "../columns/payload-codec.ts";
import { storableText } from "../columns/storable-text.ts";

// One event can be delivered by an endpoint that names its account (the platform's, for events of connected accounts) and
// by one that does not (of that account itself). Its account must not depend on which delivery came first.

/** Which of two deliveries with one id counts: the one that names an account, of two the smaller; else the first. */
export function selectByPrecedence(first: EventRecord, second: EventRecord): EventRecord {
  if (second.account === null) return first;
  return first.account === null || second.account < first.account ? second : first;
}

/** A stored event that another delivery with its id replaces. */
export type ReplaceableEvent = Pick<
  EventRecord,
  "eventId" | "source" | "created" | "receivedAt" | "account" | "livemode" | "facts" | "balance"
>;

// An event that was dismissed is never replaced.
const replaceableText = `
  select event_id, source, events.account, livemode, type, created, received_at, object_id, facts, balance
  from takings.events
  join unnest($1::text[], $2::text[], $3::text[]) as incoming (event_id, source, account) using (event_id, source)
  where (events.account is null or events.account collate "C" > incoming.account collate "C") and dismissed_at is null
  order by event_id, source`;

const row = z.object({
  event_id: z.string(),
  source: z.string(),
  account: z.string().nullable(),
  livemode: z.boolean().nullable(),
  type: z.string(),
  created: z.date(),
  received_at: z.date(),
  object_id: z.string().nullable(),
  facts: z.unknown(),
  balance: z.unknown(),
});

/** The stored events that these, which have the same keys, replace. */
export async function readReplaceableEvents(
  client: ClientBase,
  incoming: readonly EventRecord[],
): Promise<readonly ReplaceableEvent[]> {
  const named = incoming.filter(({ account }) => account !== null);
  if (named.length === 0) return [];
  const { rows } = await client.query<Record<string, unknown>>({
    name: "replaceable-events",
    text: replaceableText,
    values: [...eventKeyColumns(named), named.map(({ account }) => account)],
  });
  return rows.map((one) => {
    const { event_id: eventId, object_id: objectId, received_at: receivedAt, ...of } = row.parse(one);
    const { source, created, account, livemode } = of;
    return {
      eventId,
      source,
      created,
      receivedAt,
      account,
      livemode,
      facts: readableFacts(of.facts, { ...of, eventId, objectId }),
      balance: readableBalance(of.balance, eventId),
    };
  });
}

const replaceText = `
  select takings.replace_event($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`;

/** Puts an event in the place of the stored one under its id, which stays on record as it was known. */
export async function replaceEvent(
  client: ClientBase,
  event: EventRecord,
  payload: StoredPayload | undefined,
  recordedAt: Moment,
): Promise<void> {
  await client.query(replaceText, [
    event.eventId,
    event.source,
    storableText(event.type),
    event.created.toISOString(),
    event.livemode,
    event.account,
    event.objectId,
    event.paymentIntent,
    event.status,
    event.reason && storableText(event.reason),
    encodeFacts(event.facts),
    objectOfFacts(event.facts),
    encodeBalance(event.balance),
    payload?.bytes ?? null,
    payload?.codec ?? 0,
    rulesVersion,
    recordedAt,
  ]);
}
