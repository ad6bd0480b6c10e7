import { setTimeout as delay } from "node:timers/promises";
import { type PositionedRecord, type EventRecord, type PaymentWriter, TakingsError } from "@takings/domain";
import type { Pool } from "pg";
import { withTransactionRestarts } from "./restart-transaction.ts";
import { isLockTimeout, writeError } from "./database-errors.ts";
import { selectByPrecedence } from "./event-precedence.ts";
import { inTransaction } from "./in-transaction.ts";
import { createPayloadCodec, type PayloadCodec } from "./payload-codec.ts";
import {
  type IncomingEvent,
  type KnownReplaceableEvents,
  recordChunk,
  type BatchChunk,
  type Written,
} from "./record-chunk.ts";
import { createTimeLimits } from "./time-limits.ts";

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
  dryRun(batch: readonly PositionedRecord[]): Promise<void>;
};

/** The writing half of the store. */
export function createPaymentWriter(pool: Pool, keeping: PayloadKeeping = { payloads: "full" }): StoreWriter {
  const codec = createPayloadCodec();
  const time = createTimeLimits(pool.options.query_timeout ?? defaultQueryTimeoutMs);
  // Others hold payments of ours: as long as that is so, what they hold is left to a later chunk.
  let isContended = false;
  const writeOnce = async (chunk: BatchChunk, finish: () => void): Promise<Written> => {
    const replaceable: KnownReplaceableEvents = { events: [] };
    return withTransactionRestarts(() =>
      inTransaction(pool, (client) =>
        time.limit(client, chunk.incoming.length, async (limited) => {
          const written = await recordChunk(limited, chunk, replaceable, isContended);
          finish();
          return written;
        }),
      ),
    );
  };
  const writeChunk = async (chunk: BatchChunk, finish: () => void): Promise<Written> => {
    try {
      const written = await writeOnce(chunk, finish);
      isContended = written.held.length > 0;
      return written;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      isContended = true;
      return { fresh: new Set(), held: chunk.incoming };
    }
  };
  const write = async (
    batch: readonly PositionedRecord[],
    finish: () => void,
  ): Promise<ReadonlySet<string>> => {
    try {
      // Before the transaction: as long as that lasts, answers stay behind its beginning.
      let incoming = await encodePayloads(codec, deduplicateById(batch), keeping);
      const fresh = new Set<string>();
      const deadline = performance.now() + maxHeldMs;
      // At least once: a batch of nothing is a recording too.
      for (;;) {
        const written = await writeChunk({ batch, incoming }, finish);
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
    async dryRun(batch) {
      const undo = (): never => {
        throw undone;
      };
      await write(batch, undo).catch((error: unknown) => {
        if (error !== undone) throw error;
      });
    },
  };
}

async function encodePayloads(
  codec: PayloadCodec,
  events: readonly EventRecord[],
  { payloads }: PayloadKeeping,
): Promise<readonly IncomingEvent[]> {
  const kept = events.filter(({ status }) => payloads === "full" || status === "quarantined");
  const encoded = await codec.encode(kept.map((event) => event.payload));
  const bodies = new Map(kept.map(({ eventId }, index) => [eventId, encoded[index]]));
  return events.map((event) => ({ event, payload: bodies.get(event.eventId) }));
}

/** Where a pool was made without one. */
const defaultQueryTimeoutMs = 20_000;

/** Ends a transaction that is to leave nothing behind. */
const undone = new Error("a dry run is rolled back");

/** So long may others hold all payments of a batch; then it is tried again as any batch that could not be written. */
const maxHeldMs = 3_000;

async function waitForOthers(incoming: readonly IncomingEvent[], deadline: number): Promise<void> {
  if (performance.now() > deadline) {
    throw new TakingsError(
      "unavailable",
      `other sessions have held the payments of ${incoming.length} events for ${maxHeldMs / 1_000} s`,
    );
  }
  await delay(5 + Math.random() * 15);
}

/**
 * One row per id, in the order of ids: two batches that share rows then wait for each other instead of meeting head-on
 * in a deadlock. Of several with one id it is the one that decides.
 */
function deduplicateById(batch: readonly EventRecord[]): readonly EventRecord[] {
  const byId = new Map<string, EventRecord>();
  for (const event of batch) {
    const known = byId.get(event.eventId);
    byId.set(event.eventId, known === undefined ? event : selectByPrecedence(known, event));
  }
  return [...byId.values()].toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1));
}
