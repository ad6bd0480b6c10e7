import { isDeepStrictEqual } from "node:util";
import { type PositionedRecord, type EventRecord, objectsOf } from "@takings/domain";
import type { PoolClient } from "pg";
import { RestartTransactionError } from "./restart-transaction.ts";
import { scopedFacts } from "./scoped-facts.ts";
import { changePayments } from "./change-payments.ts";
import { type ReplaceableEvent, readReplaceableEvents, replaceEvent } from "./event-precedence.ts";
import { tryLockPayments } from "./try-lock-payments.ts";
import { groupObjects } from "./object-groups.ts";
import type { StoredPayload } from "./payload-codec.ts";
import { objectKey } from "./payment-object.ts";
import { writeEvents } from "./write-events.ts";
import { writeCommittedSequences } from "./write-committed-sequences.ts";

/** An event with its body as it is to be stored; `undefined` where that is not kept. */
export type IncomingEvent = { readonly event: EventRecord; readonly payload: StoredPayload | undefined };

/** The stored events that have to give way to events of a batch, as far as they are known; it hardly ever happens. */
export type KnownReplaceableEvents = { events: readonly ReplaceableEvent[] };

/** A part of a batch, written in one transaction. */
export type BatchChunk = {
  readonly batch: readonly PositionedRecord[];
  readonly incoming: readonly IncomingEvent[];
};

export type Written = {
  /** The ids that were new. */
  readonly fresh: ReadonlySet<string>;
  /** What was not written, because others hold its payments. */
  readonly held: readonly IncomingEvent[];
};

/**
 * A batch that waits for another's payments keeps its own from others, so it waits no longer than this. It is well below
 * PostgreSQL's deadlock_timeout: two that wait for each other are parted before they are found.
 */
const lockTimeoutMs = 500;

/**
 * Writes a part of a batch in the client's open transaction.
 * @param isContended others hold payments of ours: what they hold is left out, instead of waited for.
 * @throws RestartTransactionError, and PostgreSQL's lock timeout where something else is held.
 */
export async function recordChunk(
  client: PoolClient,
  { batch, incoming }: BatchChunk,
  replaceable: KnownReplaceableEvents,
  isContended: boolean,
): Promise<Written> {
  await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
  const held = isContended ? await heldOf(client, incoming) : new Set();
  const free = incoming.filter((one) => !held.has(one));
  if (free.length === 0 && incoming.length > 0) return { fresh: new Set(), held: incoming };
  const fresh = await recordFree(client, free, replaceable);
  const ids = new Set(free.map(({ event }) => event.eventId));
  const written = batch.filter(({ eventId }) => ids.has(eventId));
  await writeCommittedSequences(
    client,
    written.map(({ position }) => position),
  );
  return { fresh, held: incoming.filter((one) => held.has(one)) };
}

/** Those whose payments others hold; the payments of the rest are locked. */
async function heldOf(
  client: PoolClient,
  incoming: readonly IncomingEvent[],
): Promise<ReadonlySet<IncomingEvent>> {
  const groups = groupObjects(incoming.flatMap(({ event }) => scopedFacts(event)));
  const held = await tryLockPayments(client, groups);
  const isHeld = ({ event }: IncomingEvent): boolean =>
    scopedFacts(event).some(({ facts, ...scope }) =>
      [...objectsOf(facts)].some((objectId) => held.has(objectKey({ ...scope, objectId }))),
    );
  return new Set(incoming.filter(isHeld));
}

async function recordFree(
  client: PoolClient,
  incoming: readonly IncomingEvent[],
  replaceable: KnownReplaceableEvents,
): Promise<ReadonlySet<string>> {
  const expected = replaceable.events;
  const events = incoming.map(({ event }) => event);
  const payloads = incoming.map(({ payload }) => payload);
  let fresh: ReadonlySet<string> = new Set();
  await changePayments(client, [...events, ...expected].flatMap(scopedFacts), async (recordedAt) => {
    fresh = await writeEvents(client, events, payloads, recordedAt);
    const known = events.filter(({ eventId }) => !fresh.has(eventId));
    replaceable.events = await readReplaceableEvents(client, known);
    if (!isDeepStrictEqual(replaceable.events, expected))
      throw new RestartTransactionError("stored events have to be replaced by others with the same ids");
    const gone = new Set(expected.map(({ eventId }) => eventId));
    for (const [index, event] of events.entries())
      if (gone.has(event.eventId)) await replaceEvent(client, event, payloads[index], recordedAt);
    // What an event says begins to count together with the event and never again: what comes later under its id may be
    // another body, such as that of Stripe's API, and then the ledger would say what no stored event says.
    const entering = events.filter(({ eventId }) => fresh.has(eventId) || gone.has(eventId));
    return { entering: entering.flatMap(scopedFacts), leaving: expected.flatMap(scopedFacts) };
  });
  return fresh;
}
