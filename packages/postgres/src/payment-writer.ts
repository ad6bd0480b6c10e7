import type { Arrival, EventRecord, PaymentWriter } from "@takings/domain";
import { mergeClaims } from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { beginRecording } from "./begin-recording.ts";
import { writeError } from "./database-errors.ts";
import { inTransaction } from "./in-transaction.ts";
import { createPayloadCodec, type StoredPayload } from "./payload-codec.ts";
import { writeEvents } from "./write-events.ts";
import { writeLedger } from "./write-ledger.ts";
import { writeProgress } from "./write-progress.ts";

/** The writing half of the store. */
export function createPaymentWriter(pool: Pool): PaymentWriter {
  const codec = createPayloadCodec();
  return {
    async record(batch) {
      try {
        const events = onePerId(batch);
        // Before the transaction: as long as that lasts, answers stay behind its beginning.
        const payloads = await codec.encode(events.map((event) => event.payload));
        return await inTransaction(pool, (client) => recordBatch(client, batch, events, payloads));
      } catch (error) {
        throw writeError(error, `a batch of ${batch.length} events`);
      }
    },
  };
}

async function recordBatch(
  client: PoolClient,
  batch: readonly Arrival[],
  events: readonly EventRecord[],
  payloads: readonly StoredPayload[],
): Promise<ReadonlySet<string>> {
  const recordedAt = await beginRecording(client);
  const fresh = await writeEvents(client, events, payloads, recordedAt);
  // Claims of events that were stored before are minima that are already in place, so they may come along.
  const claims = sorted(mergeClaims(events.flatMap((event) => event.claims)));
  if (claims.length > 0) await writeLedger(client, claims, recordedAt);
  await writeProgress(
    client,
    batch.map((arrival) => arrival.position),
  );
  return fresh;
}

/**
 * One row per id, in the order of ids: two batches that share rows then wait for each other instead of meeting
 * head-on in a deadlock.
 */
function onePerId(batch: readonly EventRecord[]): readonly EventRecord[] {
  return sorted(new Map(batch.map((event) => [event.eventId, event]))).map(([, event]) => event);
}

function sorted<Row>(byId: ReadonlyMap<string, Row>): readonly (readonly [string, Row])[] {
  return [...byId].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
