import {
  type BalanceFact,
  type EventFacts,
  type EventKey,
  type EventRecord,
  objectsOf,
} from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { decodeBalance } from "../columns/balance-column.ts";
import { eventKeyColumns } from "../columns/event-keys.ts";
import { decodeFacts } from "../columns/facts-column.ts";
import { readRoots } from "../ledger/gather-facts.ts";
import type { PayloadCodec } from "../columns/payload-codec.ts";
import { objectKey, type PaymentObject } from "../ledger/payment-objects.ts";
import { bodyOf } from "../read/read-event.ts";

/** A stored event with its body, to be compared with each other. */
export type EventWithBody = Omit<EventRecord, "payload" | "facts" | "balance"> & {
  /** The body, or why there is none: it was pruned, or is damaged. */
  readonly body: Buffer | "removed" | Error;
  readonly facts: EventFacts | undefined | Error;
  readonly balance: BalanceFact | undefined | Error;
  /** Whether all objects of its facts belong to one payment, and the event is found by one of them. */
  readonly isLinked: boolean;
  /** The version of the rules by which it was read. */
  readonly rules: number;
};

const columns = `
  event_id, source, type, created, received_at, livemode, account, object_id, payment_intent, status, reason, facts,
  payment_object, balance, rules, payload, payload_codec`;

const declare = `declare kept_event no scroll cursor for select ${columns} from takings.events`;

// In the order of the key, so that sessions that lock several events wait for each other and do not deadlock.
const read = `
  select ${columns} from takings.events
  where (event_id, source) in (select * from unnest($1::text[], $2::text[]))
  order by event_id, source`;
const lock = `${read} for no key update`;

const pageSize = 500;

const eventRow = z.object({
  event_id: z.string(),
  source: z.string(),
  type: z.string(),
  created: z.date(),
  received_at: z.date(),
  livemode: z.boolean().nullable(),
  account: z.string().nullable(),
  object_id: z.string().nullable(),
  payment_intent: z.string().nullable(),
  status: z.enum(["processed", "quarantined"]),
  reason: z.string().nullable(),
  facts: z.unknown(),
  payment_object: z.string().nullable(),
  balance: z.unknown(),
  rules: z.number(),
  payload: z.instanceof(Buffer).nullable(),
  payload_codec: z.number(),
});

/** All events that the client's open transaction sees, page by page, in no particular order. */
export async function* readAllEvents(
  client: ClientBase,
  codec: PayloadCodec,
): AsyncGenerator<readonly EventWithBody[]> {
  await client.query(declare);
  for (;;) {
    const { rows } = await client.query(`fetch ${pageSize} from kept_event`);
    if (rows.length === 0) break;
    yield await withLinks(
      client,
      rows.map((row) => parseEvent(eventRow.parse(row), codec)),
    );
  }
  await client.query("close kept_event");
}

/** These events as they are now. */
export function readEvents(
  client: ClientBase,
  codec: PayloadCodec,
  keys: readonly EventKey[],
): Promise<readonly EventWithBody[]> {
  return selectEvents(client, codec, keys, read);
}

/** These events as they are now, locked until the client's transaction ends. Must run as the owner of the tables. */
export function lockEvents(
  client: ClientBase,
  codec: PayloadCodec,
  keys: readonly EventKey[],
): Promise<readonly EventWithBody[]> {
  return selectEvents(client, codec, keys, lock);
}

async function selectEvents(
  client: ClientBase,
  codec: PayloadCodec,
  keys: readonly EventKey[],
  text: string,
): Promise<readonly EventWithBody[]> {
  const { rows } = await client.query(text, eventKeyColumns(keys));
  return withLinks(
    client,
    rows.map((row) => parseEvent(eventRow.parse(row), codec)),
  );
}

/** An event whose links have not been checked yet. */
type UnlinkedEvent = Omit<EventWithBody, "isLinked"> & { readonly paymentObject: string | null };

async function withLinks(
  client: ClientBase,
  events: readonly UnlinkedEvent[],
): Promise<readonly EventWithBody[]> {
  const objectsOfEvent = ({ source, account, livemode, facts }: UnlinkedEvent): readonly PaymentObject[] =>
    facts === undefined || facts instanceof Error || livemode === null
      ? []
      : [...objectsOf(facts)].map((objectId) => ({ source, account, livemode, objectId }));
  const roots = await readRoots(client, events.flatMap(objectsOfEvent));
  return events.map(({ paymentObject, ...event }) => {
    const objects = objectsOfEvent({ ...event, paymentObject });
    const found = new Set(objects.map((object) => roots.get(objectKey(object))?.objectId));
    const isFound = objects.length === 0 || objects.some(({ objectId }) => objectId === paymentObject);
    return { ...event, isLinked: isFound && found.size < 2 && !found.has(undefined) };
  });
}

function parseEvent(row: z.output<typeof eventRow>, codec: PayloadCodec): UnlinkedEvent {
  const event = {
    eventId: row.event_id,
    source: row.source,
    type: row.type,
    created: row.created,
    receivedAt: row.received_at,
    livemode: row.livemode,
    account: row.account,
    objectId: row.object_id,
    paymentIntent: row.payment_intent,
    status: row.status,
    reason: row.reason,
  };
  const { payload, payload_codec: number } = row;
  return {
    ...event,
    rules: row.rules,
    body:
      payload === null
        ? "removed"
        : attempt(() => bodyOf(codec, { codec: number, bytes: payload }, row.event_id)),
    facts: attempt(() => decodeFacts(row.facts, event)),
    balance: attempt(() => decodeBalance(row.balance, row.event_id)),
    paymentObject: row.payment_object,
  };
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
