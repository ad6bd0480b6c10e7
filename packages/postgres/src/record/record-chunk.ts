import { isDeepStrictEqual } from "node:util";
import { type PositionedRecord, type EventRecord, messageIdOf, objectsOf } from "@takings/domain";
import type { PoolClient } from "pg";
import { RestartTransactionError } from "../session/restart-transaction.ts";
import { changePayments } from "../ledger/change-payments.ts";
import { type ReplaceableEvent, readReplaceableEvents, replaceEvent } from "./event-precedence.ts";
import { tryLockPayments } from "../ledger/lock-payments.ts";
import { groupObjects, scopedFacts } from "../ledger/scoped-facts.ts";
import type { StoredPayload } from "../columns/payload-codec.ts";
import { objectKey } from "../ledger/payment-objects.ts";
import { changeBalance } from "../balance/change-balance.ts";
import { contradictionsOfBatch } from "../balance/contradictions.ts";
import {
  type LockedBalance,
  lockBalance,
  lockWholeBalance,
  tryLockBalance,
  tryLockWholeBalance,
} from "../balance/lock-balance.ts";
import { objectOfFact, saidFacts } from "../balance/said-fact.ts";
import { writeEvents } from "./write-events.ts";
import { writeCommittedSequences } from "./committed-sequences.ts";

/** An event with its payload as it is to be stored; `undefined` where that is not kept. */
export type IncomingEvent = { readonly event: EventRecord; readonly payload: StoredPayload | undefined };

/** The stored events that events of a batch replace, as far as they are known. There are hardly ever any. */
export type KnownReplaceableEvents = { events: readonly ReplaceableEvent[] };

/** A part of a batch that is written in one transaction. */
export type BatchChunk = {
  readonly batch: readonly PositionedRecord[];
  readonly incoming: readonly IncomingEvent[];
};

/** What writing a chunk did. */
export type ChunkResult = {
  /** The events that are new as they were stored, by `messageIdOf`. */
  readonly fresh: ReadonlyMap<string, EventRecord>;
  /** Events that were not written, because other sessions hold what they change. */
  readonly held: readonly IncomingEvent[];
  /** What other sessions hold, for error messages. */
  readonly holding: string;
};

/**
 * A batch that waits for the payments of another one holds its own, so it waits no longer than this. It is well below
 * PostgreSQL's deadlock_timeout, so of two batches that wait for each other one gives up before a deadlock is detected.
 */
const lockTimeoutMs = 500;
/**
 * All that a chunk reads is found by ids. Statistics of a table that a first load is filling are of when it was empty, and by
 * them reading all of it may seem cheaper.
 */
const settingsText = `set local lock_timeout = ${lockTimeoutMs}; set local enable_seqscan = off`;

/**
 * Writes a part of a batch in the client's open transaction.
 * @param isContended whether to leave out events whose payments, payouts or balance transactions are held, instead of
 * waiting for them.
 * @throws RestartTransactionError, and the lock timeout of PostgreSQL when it waited too long.
 */
export async function recordChunk(
  client: PoolClient,
  { batch, incoming }: BatchChunk,
  replaceable: KnownReplaceableEvents,
  isContended: boolean,
): Promise<ChunkResult> {
  await client.query(settingsText);
  const heldInBalance = isContended ? await heldOfBalance(client, incoming, replaceable) : new Set();
  const unheld = incoming.filter((one) => !heldInBalance.has(one));
  const locked = await lockBalanceOf(client, unheld, replaceable);
  const heldPayments = isContended ? await heldOfPayments(client, unheld) : new Set();
  const free = unheld.filter((one) => !heldPayments.has(one));
  const held = incoming.filter((one) => heldInBalance.has(one) || heldPayments.has(one));
  const holding = [
    ...(heldPayments.size > 0 ? ["payments"] : []),
    ...(heldInBalance.size > 0 ? ["payouts or balance transactions"] : []),
  ].join(", ");
  if (free.length === 0 && incoming.length > 0) return { fresh: new Map(), held, holding };
  const fresh = await recordFree(client, free, replaceable, locked);
  const ids = new Set(free.map(({ event }) => messageIdOf(event)));
  const written = batch.filter((event) => ids.has(messageIdOf(event)));
  await writeCommittedSequences(
    client,
    written.map(({ position }) => position),
  );
  return { fresh, held, holding };
}

/**
 * Locks what the events state about the balance. It is always locked before payments, so that two batches do not wait for
 * each other.
 */
function lockBalanceOf(
  client: PoolClient,
  incoming: readonly IncomingEvent[],
  { events: replaced }: KnownReplaceableEvents,
): Promise<LockedBalance> {
  const facts = [...incoming.map(({ event }) => event), ...replaced].flatMap(saidFacts);
  return replaced.length > 0 ? lockWholeBalance(client, facts.map(objectOfFact)) : lockBalance(client, facts);
}

/** The events that state something about what other sessions hold. Locks what the rest states something about. */
async function heldOfBalance(
  client: PoolClient,
  incoming: readonly IncomingEvent[],
  { events: replaced }: KnownReplaceableEvents,
): Promise<ReadonlySet<IncomingEvent>> {
  // Events that replace others need the whole balance. They are rare, so that all events wait with them.
  if (replaced.length > 0 && !(await tryLockWholeBalance(client))) return new Set(incoming);
  const said = new Map(incoming.map((one) => [one, saidFacts(one.event)]));
  const held = await tryLockBalance(client, [...said.values()].flat());
  return new Set(incoming.filter((one) => said.get(one)?.some((fact) => held.has(fact)) === true));
}

/** The events whose payments other sessions hold. Locks the payments of the rest. */
async function heldOfPayments(
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
  locked: LockedBalance,
): Promise<ReadonlyMap<string, EventRecord>> {
  const expected = replaceable.events;
  const consistent = await withoutContradictions(client, incoming, locked);
  const events = consistent.map(({ event }) => event);
  const payloads = consistent.map(({ payload }) => payload);
  let fresh: ReadonlySet<string> = new Set();
  await changePayments(client, [...events, ...expected].flatMap(scopedFacts), async (recordedAt) => {
    fresh = await writeEvents(client, events, payloads, recordedAt);
    const known = events.filter((event) => !fresh.has(messageIdOf(event)));
    replaceable.events = await readReplaceableEvents(client, known);
    if (!isDeepStrictEqual(replaceable.events, expected))
      throw new RestartTransactionError("stored events have to be replaced by others with the same ids");
    const gone = new Set(expected.map(messageIdOf));
    for (const [index, event] of events.entries())
      if (gone.has(messageIdOf(event))) await replaceEvent(client, event, payloads[index], recordedAt);
    // The facts of an event begin to count when it is stored, and only then. A later delivery with its id may have another
    // body, such as that of Stripe's API, and the ledger would then contain what no stored event shows.
    const entering = events.filter((event) => [fresh, gone].some((ids) => ids.has(messageIdOf(event))));
    const said = { entering: entering.flatMap(saidFacts), leaving: expected.flatMap(saidFacts) };
    await changeBalance(client, locked, said, recordedAt);
    return { entering: entering.flatMap(scopedFacts), leaving: expected.flatMap(scopedFacts) };
  });
  return new Map(events.map((event) => [messageIdOf(event), event] as const).filter(([id]) => fresh.has(id)));
}

/** The events, with those that contradict an earlier reading as quarantined. */
async function withoutContradictions(
  client: PoolClient,
  incoming: readonly IncomingEvent[],
  locked: LockedBalance,
): Promise<readonly IncomingEvent[]> {
  const events = incoming.map(({ event }) => event);
  const contradictions = await contradictionsOfBatch(client, events, locked);
  return incoming.map((one) => {
    const reason = contradictions.get(messageIdOf(one.event));
    if (reason === undefined) return one;
    const event = {
      ...one.event,
      status: "quarantined" as const,
      reason,
      facts: undefined,
      balance: undefined,
    };
    // Where payloads are not kept, that of a quarantined event is: it is the only record of what it means.
    return { event, payload: one.payload ?? { bytes: Buffer.from(event.payload), codec: 0 } };
  });
}
