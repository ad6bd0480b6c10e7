import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type Arrival, type EventRecord, objectsOf, type PaymentWriter, TakingsError } from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { BeginAgainError, repeatFromBeginning } from "./begin-again.ts";
import { bookedFacts } from "./booked-facts.ts";
import { changePayments } from "./change-payments.ts";
import { writeError } from "./database-errors.ts";
import { decidingOf, type GivingWay, readGivingWay, replaceEvent } from "./deciding-event.ts";
import { inTransaction } from "./in-transaction.ts";
import { isLockTimeout } from "./migration-lock.ts";
import { lockWithoutWaiting } from "./lock-without-waiting.ts";
import { groupObjects } from "./object-groups.ts";
import { createPayloadCodec, type PayloadCodec, type StoredPayload } from "./payload-codec.ts";
import { objectKey } from "./payment-object.ts";
import { createTimeLimits } from "./time-limits.ts";
import { writeEvents } from "./write-events.ts";
import { writeProgress } from "./write-progress.ts";

/** What is kept of the bodies of events. */
export type PayloadKeeping = {
  /**
   * `full` keeps every body. `ledger` keeps none of a processed event, as if it had been pruned at once, because the
   * event's facts say all that the ledger needs; a quarantined one is not understood yet and keeps its body.
   */
  readonly payloads: "full" | "ledger";
};

/** A writer that can also try whether the store takes events at all. */
export type StoreWriter = PaymentWriter & {
  /**
   * Does with a batch all that {@link PaymentWriter.record} does and undoes it. Succeeds where the store takes such
   * events at present, so that what fails then fails because of what is in it. @throws as `record`.
   */
  rehearse(batch: readonly Arrival[]): Promise<void>;
};

/** An event with its body as it is to be stored; `undefined` where that is not kept. */
type Incoming = { readonly event: EventRecord; readonly payload: StoredPayload | undefined };

/** The writing half of the store. */
export function createPaymentWriter(pool: Pool, keeping: PayloadKeeping = { payloads: "full" }): StoreWriter {
  const codec = createPayloadCodec();
  const time = createTimeLimits(pool.options.query_timeout ?? defaultQueryTimeoutMs);
  // Others hold payments of ours: as long as that is so, what they hold is left to a later turn.
  let isCrowded = false;
  const writeOnce = async (turn: Turn, finish: () => void): Promise<Written> => {
    const giving: KnownGivingWay = { events: [] };
    return repeatFromBeginning(() =>
      inTransaction(pool, (client) =>
        time.limit(client, turn.incoming.length, async (limited) => {
          const written = await recordTurn(limited, turn, giving, isCrowded);
          finish();
          return written;
        }),
      ),
    );
  };
  const writeTurn = async (turn: Turn, finish: () => void): Promise<Written> => {
    try {
      const written = await writeOnce(turn, finish);
      isCrowded = written.held.length > 0;
      return written;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      isCrowded = true;
      return { fresh: new Set(), held: turn.incoming };
    }
  };
  const write = async (batch: readonly Arrival[], finish: () => void): Promise<ReadonlySet<string>> => {
    try {
      // Before the transaction: as long as that lasts, answers stay behind its beginning.
      let incoming = await encodeBodies(codec, onePerId(batch), keeping);
      const fresh = new Set<string>();
      const deadline = performance.now() + heldWithinMs;
      // At least once: a batch of nothing is a recording too.
      for (;;) {
        const written = await writeTurn({ batch, incoming }, finish);
        for (const id of written.fresh) fresh.add(id);
        incoming = written.held;
        if (incoming.length === 0) return fresh;
        await waitForOthers(incoming, deadline);
      }
    } catch (error) {
      throw error === undone ? error : writeError(error, `a batch of ${batch.length} events`);
    }
  };
  return {
    record: (batch) => write(batch, () => {}),
    async rehearse(batch) {
      const undo = (): never => {
        throw undone;
      };
      await write(batch, undo).catch((error: unknown) => {
        if (error !== undone) throw error;
      });
    },
  };
}

async function encodeBodies(
  codec: PayloadCodec,
  events: readonly EventRecord[],
  { payloads }: PayloadKeeping,
): Promise<readonly Incoming[]> {
  const kept = events.filter(({ status }) => payloads === "full" || status === "quarantined");
  const encoded = await codec.encode(kept.map((event) => event.payload));
  const bodies = new Map(kept.map(({ eventId }, index) => [eventId, encoded[index]]));
  return events.map((event) => ({ event, payload: bodies.get(event.eventId) }));
}

/** Where a pool was made without one. */
const defaultQueryTimeoutMs = 20_000;

/** Ends a transaction that is to leave nothing behind. */
const undone = new Error("a rehearsal is undone");

/** The stored events that have to give way to events of a batch, as far as they are known; it hardly ever happens. */
type KnownGivingWay = { events: readonly GivingWay[] };

/** A part of a batch, written in one transaction. */
type Turn = { readonly batch: readonly Arrival[]; readonly incoming: readonly Incoming[] };

type Written = {
  readonly fresh: ReadonlySet<string>;
  /** What was not written, because others hold its payments. */
  readonly held: readonly Incoming[];
};

/** So long may others hold all payments of a batch; then it is tried again as any batch that could not be written. */
const heldWithinMs = 3_000;
/**
 * A batch that waits for another's payments keeps its own from others, so it waits no longer than this. It is well below
 * PostgreSQL's deadlock_timeout: two that wait for each other are parted before they are found.
 */
const lockTimeoutMs = 500;

async function recordTurn(
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

async function waitForOthers(incoming: readonly Incoming[], deadline: number): Promise<void> {
  if (performance.now() > deadline) {
    throw new TakingsError(
      "unavailable",
      `other sessions have held the payments of ${incoming.length} events for ${heldWithinMs / 1_000} s`,
    );
  }
  await delay(5 + Math.random() * 15);
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

/**
 * One row per id, in the order of ids: two batches that share rows then wait for each other instead of meeting head-on
 * in a deadlock. Of several with one id it is the one that decides.
 */
function onePerId(batch: readonly EventRecord[]): readonly EventRecord[] {
  const byId = new Map<string, EventRecord>();
  for (const event of batch) {
    const known = byId.get(event.eventId);
    byId.set(event.eventId, known === undefined ? event : decidingOf(known, event));
  }
  return [...byId.values()].toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1));
}
