import { isDeepStrictEqual } from "node:util";
import { type Arrival, type EventRecord, objectsOf } from "@takings/domain";
import type { PoolClient } from "pg";
import { BeginAgainError } from "./begin-again.ts";
import { bookedFacts } from "./booked-facts.ts";
import { changePayments } from "./change-payments.ts";
import { type GivingWay, readGivingWay, replaceEvent } from "./deciding-event.ts";
import { lockWithoutWaiting } from "./lock-without-waiting.ts";
import { groupObjects } from "./object-groups.ts";
import type { StoredPayload } from "./payload-codec.ts";
import { objectKey } from "./payment-object.ts";
import { writeEvents } from "./write-events.ts";
import { writeProgress } from "./write-progress.ts";

/** An event with its body as it is to be stored; `undefined` where that is not kept. */
export type Incoming = { readonly event: EventRecord; readonly payload: StoredPayload | undefined };

/** The stored events that have to give way to events of a batch, as far as they are known; it hardly ever happens. */
export type KnownGivingWay = { events: readonly GivingWay[] };

/** A part of a batch, written in one transaction. */
export type Turn = { readonly batch: readonly Arrival[]; readonly incoming: readonly Incoming[] };

export type Written = {
  /** The ids that were new. */
  readonly fresh: ReadonlySet<string>;
  /** What was not written, because others hold its payments. */
  readonly held: readonly Incoming[];
};

/**
 * A batch that waits for another's payments keeps its own from others, so it waits no longer than this. It is well below
 * PostgreSQL's deadlock_timeout: two that wait for each other are parted before they are found.
 */
const lockTimeoutMs = 500;

/**
 * Writes a part of a batch in the client's open transaction.
 * @param isCrowded others hold payments of ours: what they hold is left out, instead of waited for.
 * @throws BeginAgainError, and PostgreSQL's lock timeout where something else is held.
 */
export async function recordTurn(
  client: PoolClient,
  { batch, incoming }: Turn,
  giving: KnownGivingWay,
  isCrowded: boolean,
): Promise<Written> {
  await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
  const held = isCrowded ? await heldOf(client, incoming) : new Set();
  const free = incoming.filter((one) => !held.has(one));
  if (free.length === 0 && incoming.length > 0) return { fresh: new Set(), held: incoming };
  const fresh = await recordFree(client, free, giving);
  const ids = new Set(free.map(({ event }) => event.eventId));
  const settled = batch.filter(({ eventId }) => ids.has(eventId));
  await writeProgress(
    client,
    settled.map(({ position }) => position),
  );
  return { fresh, held: incoming.filter((one) => held.has(one)) };
}

/** Those whose payments others hold; the payments of the rest are locked. */
async function heldOf(client: PoolClient, incoming: readonly Incoming[]): Promise<ReadonlySet<Incoming>> {
  const groups = groupObjects(incoming.flatMap(({ event }) => bookedFacts(event)));
  const held = await lockWithoutWaiting(client, groups);
  const isHeld = ({ event }: Incoming): boolean =>
    bookedFacts(event).some(({ facts, ...books }) =>
      [...objectsOf(facts)].some((objectId) => held.has(objectKey({ ...books, objectId }))),
    );
  return new Set(incoming.filter(isHeld));
}

async function recordFree(
  client: PoolClient,
  incoming: readonly Incoming[],
  giving: KnownGivingWay,
): Promise<ReadonlySet<string>> {
  const expected = giving.events;
  const events = incoming.map(({ event }) => event);
  const payloads = incoming.map(({ payload }) => payload);
  let fresh: ReadonlySet<string> = new Set();
  await changePayments(client, [...events, ...expected].flatMap(bookedFacts), async (recordedAt) => {
    fresh = await writeEvents(client, events, payloads, recordedAt);
    const known = events.filter(({ eventId }) => !fresh.has(eventId));
    giving.events = await readGivingWay(client, known);
    if (!isDeepStrictEqual(giving.events, expected))
      throw new BeginAgainError("stored events have to give way to others under their ids");
    const gone = new Set(expected.map(({ eventId }) => eventId));
    for (const [index, event] of events.entries())
      if (gone.has(event.eventId)) await replaceEvent(client, event, payloads[index], recordedAt);
    // What an event says begins to count together with the event and never again: what comes later under its id may be
    // another body, such as that of Stripe's API, and then the ledger would say what no stored event says.
    const entering = events.filter(({ eventId }) => fresh.has(eventId) || gone.has(eventId));
    return { entering: entering.flatMap(bookedFacts), leaving: expected.flatMap(bookedFacts) };
  });
  return fresh;
}
