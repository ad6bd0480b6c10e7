import { isDeepStrictEqual } from "node:util";
import type { Arrival, EventRecord, PaymentWriter } from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { BeginAgainError, repeatFromBeginning } from "./begin-again.ts";
import { bookedFacts } from "./booked-facts.ts";
import { changePayments } from "./change-payments.ts";
import { writeError } from "./database-errors.ts";
import { decidingOf, type GivingWay, readGivingWay, replaceEvent } from "./deciding-event.ts";
import { inTransaction } from "./in-transaction.ts";
import { createPayloadCodec, type StoredPayload } from "./payload-codec.ts";
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

/** Events with their bodies as they are to be stored, in the order of ids; `undefined` for one that is not kept. */
type Incoming = {
  readonly events: readonly EventRecord[];
  readonly payloads: readonly (StoredPayload | undefined)[];
};

/** The writing half of the store. */
export function createPaymentWriter(pool: Pool, keeping: PayloadKeeping = { payloads: "full" }): StoreWriter {
  const codec = createPayloadCodec();
  const isKept = ({ status }: EventRecord): boolean =>
    keeping.payloads === "full" || status === "quarantined";
  const time = createTimeLimits(pool.options.query_timeout ?? defaultQueryTimeoutMs);
  const encode = async (events: readonly EventRecord[]): Promise<Incoming> => {
    const kept = events.filter(isKept);
    const encoded = await codec.encode(kept.map((event) => event.payload));
    const payloads = new Map(kept.map(({ eventId }, index) => [eventId, encoded[index]]));
    return { events, payloads: events.map(({ eventId }) => payloads.get(eventId)) };
  };
  const write = async (batch: readonly Arrival[], finish: () => void): Promise<ReadonlySet<string>> => {
    try {
      // Before the transaction: as long as that lasts, answers stay behind its beginning.
      const incoming = await encode(onePerId(batch));
      const giving: KnownGivingWay = { events: [] };
      return await repeatFromBeginning(() =>
        inTransaction(pool, (client) =>
          time.limit(client, batch.length, async (limited) => {
            const fresh = await recordBatch(limited, batch, incoming, giving);
            finish();
            return fresh;
          }),
        ),
      );
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

/** Where a pool was made without one. */
const defaultQueryTimeoutMs = 20_000;

/** Ends a transaction that is to leave nothing behind. */
const undone = new Error("a rehearsal is undone");

/** The stored events that have to give way to events of a batch, as far as they are known; it hardly ever happens. */
type KnownGivingWay = { events: readonly GivingWay[] };

async function recordBatch(
  client: PoolClient,
  batch: readonly Arrival[],
  { events, payloads }: Incoming,
  giving: KnownGivingWay,
): Promise<ReadonlySet<string>> {
  const expected = giving.events;
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
  await writeProgress(
    client,
    batch.map((arrival) => arrival.position),
  );
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
