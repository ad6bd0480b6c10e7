import { setTimeout as delay } from "node:timers/promises";
import {
  type EventRecord,
  messageIdOf,
  type PaymentWriter,
  type PositionedRecord,
  TakingsError,
} from "@takings/domain";
import type { Pool } from "pg";
import { withTransactionRestarts } from "../session/restart-transaction.ts";
import { isLockTimeout, writeError } from "../session/database-errors.ts";
import { selectByPrecedence } from "./event-precedence.ts";
import { inTransaction } from "../session/in-transaction.ts";
import { compareEventKeys } from "../columns/event-keys.ts";
import { createPayloadCodec, type PayloadCodec } from "../columns/payload-codec.ts";
import {
  type IncomingEvent,
  type KnownReplaceableEvents,
  recordChunk,
  type BatchChunk,
  type ChunkResult,
} from "./record-chunk.ts";
import { longestCommitWait } from "./recorded-time.ts";
import { registerSources } from "../session/sources.ts";
import { createTimeLimits } from "../session/time-limits.ts";

/** Which payloads are kept. */
export type PayloadOptions = {
  /**
   * `full` keeps every payload. `ledger` keeps none of processed events, as if they were pruned at once, because their
   * facts are all that the ledger needs. Quarantined events are not understood yet and keep their payloads.
   */
  readonly payloads: "full" | "ledger";
};

/** A writer that can also test whether the store accepts events. */
export type StoreWriter = PaymentWriter & {
  /**
   * Does everything that {@link PaymentWriter.record} does with a batch, and rolls it back. If it succeeds, the store
   * accepts events at present, so an event that fails then fails because of its content. @throws as `record`, and
   * `unavailable` while a commit does not end.
   */
  dryRun(batch: readonly PositionedRecord[]): Promise<void>;
};

/** Creates the writer over a pool with the role `takings_writer`. */
export function createPaymentWriter(pool: Pool, options: PayloadOptions = { payloads: "full" }): StoreWriter {
  const codec = createPayloadCodec();
  const time = createTimeLimits(pool.options.query_timeout ?? defaultQueryTimeoutMs);
  // While other sessions hold what events of a batch change, these events are left to a later chunk.
  let isContended = false;
  const writeOnce = async (chunk: BatchChunk, finish: () => void): Promise<ChunkResult> => {
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
  const writeChunk = async (chunk: BatchChunk, finish: () => void): Promise<ChunkResult> => {
    try {
      const written = await writeOnce(chunk, finish);
      isContended = written.held.length > 0;
      return written;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      isContended = true;
      return { fresh: new Map(), held: chunk.incoming, holding: "payments, payouts or balance transactions" };
    }
  };
  const write = async (
    batch: readonly PositionedRecord[],
    finish: () => void,
  ): Promise<ReadonlyMap<string, EventRecord>> => {
    try {
      // Outside the transaction, because readers stay before its beginning as long as it lasts.
      await registerSources(pool, batch);
      let incoming = await encodePayloads(codec, deduplicateByKey(batch), options);
      const fresh = new Map<string, EventRecord>();
      const deadline = performance.now() + maxHeldMs;
      // At least once: an empty batch is a recording too.
      for (;;) {
        const written = await writeChunk({ batch, incoming }, finish);
        for (const [id, event] of written.fresh) fresh.set(id, event);
        incoming = written.held;
        if (incoming.length === 0) return fresh;
        await waitForOthers(written, deadline);
      }
    } catch (error) {
      throw error === undone ? error : writeError(error, `a batch of ${batch.length} events`);
    }
  };
  return {
    record: (batch) => write(batch, () => {}),
    async dryRun(batch) {
      // A rollback does not wait for a standby, so it shows nothing about commits.
      await requireEndingCommits(pool);
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
  { payloads }: PayloadOptions,
): Promise<readonly IncomingEvent[]> {
  const kept = events.filter(({ status }) => payloads === "full" || status === "quarantined");
  const encoded = await codec.encode(kept.map((event) => event.payload));
  const bodies = new Map(kept.map((event, index) => [messageIdOf(event), encoded[index]]));
  return events.map((event) => ({ event, payload: bodies.get(messageIdOf(event)) }));
}

/** Used where the pool has none. */
const defaultQueryTimeoutMs = 20_000;

/** Far longer than a healthy standby takes to confirm. */
const maxCommitWaitSeconds = 15;

async function requireEndingCommits(pool: Pool): Promise<void> {
  const seconds = await longestCommitWait(pool);
  if (seconds < maxCommitWaitSeconds) return;
  throw new TakingsError(
    "unavailable",
    `a commit has been waiting for ${Math.floor(seconds)} s: check the standbys in synchronous_standby_names`,
  );
}

/** Thrown to roll back a dry run. */
const undone = new Error("a dry run is rolled back");

/** How long other sessions may hold what a batch changes before it fails, to be retried as any failed batch. */
const maxHeldMs = 3_000;

async function waitForOthers({ held, holding }: ChunkResult, deadline: number): Promise<void> {
  if (performance.now() > deadline) {
    throw new TakingsError(
      "unavailable",
      `other sessions have held ${holding} of ${held.length} events for ${maxHeldMs / 1_000} s`,
    );
  }
  await delay(5 + Math.random() * 15);
}

/** One event per key, in the order of keys. Of several with one key it is the one that takes precedence. */
function deduplicateByKey(batch: readonly EventRecord[]): readonly EventRecord[] {
  const byKey = new Map<string, EventRecord>();
  for (const event of batch) {
    const key = messageIdOf(event);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? event : selectByPrecedence(known, event));
  }
  return [...byKey.values()].toSorted(compareEventKeys);
}
