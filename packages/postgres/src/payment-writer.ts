import type { Arrival, EventRecord, PaymentWriter } from "@takings/domain";
import { mergeClaims } from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { beginRecording } from "./begin-recording.ts";
import { writeError } from "./database-errors.ts";
import { inTransaction } from "./in-transaction.ts";
import { createPayloadCodec, type StoredPayload } from "./payload-codec.ts";
import { repeatOvertaken } from "./repeat-overtaken.ts";
import { createTimeLimits } from "./time-limits.ts";
import { writeEvents } from "./write-events.ts";
import { writeLedger } from "./write-ledger.ts";
import { writeProgress } from "./write-progress.ts";

/** What is kept of the bodies of events. */
export type PayloadKeeping = {
  /**
   * `full` keeps every body. `ledger` keeps none of a processed event, as if it had been pruned at once, because what
   * the event claims says all that the ledger needs; a quarantined one is not understood yet and keeps its body.
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

/** The writing half of the store. */
export function createPaymentWriter(pool: Pool, keeping: PayloadKeeping = { payloads: "full" }): StoreWriter {
  const codec = createPayloadCodec();
  const isKept = ({ status }: EventRecord): boolean =>
    keeping.payloads === "full" || status === "quarantined";
  const time = createTimeLimits(pool.options.query_timeout ?? defaultQueryTimeoutMs);
  const write = async (batch: readonly Arrival[], finish: () => void): Promise<ReadonlySet<string>> => {
    try {
      const events = onePerId(batch);
      // Before the transaction: as long as that lasts, answers stay behind its beginning.
      const kept = events.filter(isKept);
      const encoded = await codec.encode(kept.map((event) => event.payload));
      const payloads = new Map(kept.map(({ eventId }, index) => [eventId, encoded[index]]));
      const stored = events.map(({ eventId }) => payloads.get(eventId));
      return await repeatOvertaken(() =>
        inTransaction(pool, (client) =>
          time.limit(client, batch.length, async (limited) => {
            const fresh = await recordBatch(limited, batch, events, stored);
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

async function recordBatch(
  client: PoolClient,
  batch: readonly Arrival[],
  events: readonly EventRecord[],
  payloads: readonly (StoredPayload | undefined)[],
): Promise<ReadonlySet<string>> {
  const recordedAt = await beginRecording(client);
  const fresh = await writeEvents(client, events, payloads, recordedAt);
  // What an event says enters the ledger together with the event and never again: what comes later under its id may
  // be another body, such as that of Stripe's API, and then the ledger would say what no stored event says.
  const stored = events.filter(({ eventId }) => fresh.has(eventId));
  const claims = sorted(mergeClaims(stored.flatMap((event) => event.claims)));
  if (claims.length > 0) await writeLedger(client, claims, recordedAt);
  await writeProgress(
    client,
    batch.map((arrival) => arrival.position),
  );
  return fresh;
}

/**
 * One row per id, the first of each, in the order of ids: two batches that share rows then wait for each other
 * instead of meeting head-on in a deadlock.
 */
function onePerId(batch: readonly EventRecord[]): readonly EventRecord[] {
  return sorted(new Map(batch.toReversed().map((event) => [event.eventId, event]))).map(([, event]) => event);
}

function sorted<Row>(byId: ReadonlyMap<string, Row>): readonly (readonly [string, Row])[] {
  return [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
