import { type IsolationLog, messageIdOf, type PositionedRecord } from "@takings/domain";
import type { Deliveries, Delivery } from "@takings/nats";
import { type Logger, pause } from "@takings/runtime";
import { type BatchSpans, processSpans } from "@takings/telemetry";
import { isUnreadable, stream, toRefusedRecord } from "@takings/wire";
import { messageOf, type Reader, sourceOfDelivery, toPositionedRecord } from "./positioned-record.ts";
import type { ConsumerMetrics } from "./metrics.ts";
import type { Fallback, Recorder } from "./record-batch.ts";
import {
  type FailedEvent,
  reportFailure,
  reportOutcomes,
  toFailedEvent,
  unreadEvent,
} from "./report-outcomes.ts";
import { isSuspect, isolateSuspects } from "./isolate-suspects.ts";

/** What {@link consume} depends on. */
export type ConsumeDependencies = {
  readonly deliveries: Deliveries;
  readonly read: Reader;
  /** Resolves when events of these sources can be read: the accounts that decide whose they are are known. */
  readonly learn: (sources: ReadonlySet<string>) => Promise<void>;
  readonly record: Recorder;
  readonly isolationLog: IsolationLog;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
  readonly stopping: AbortSignal;
};

const initialPauseMs = 100;
const maxPauseMs = 5_000;
const redeliveryDelayMs = 1_000;
/** An event that failed alone this often, while others could be stored, is nak'd with a longer delay. */
const stuckAfterFailures = 5;
const stuckRedeliveryDelayMs = 10_000;

/** Commits batches of deliveries until it is stopped. Acknowledges only what is committed. */
export async function consume(dependencies: ConsumeDependencies): Promise<void> {
  for (;;) {
    const batch = await dependencies.deliveries.nextBatch();
    if (batch === undefined) return;
    await settle(batch, dependencies);
  }
}

/**
 * Keeps a batch until it is committed, however long the database is away, or until the service is stopping. Suspects are
 * committed first and one by one, so that they cannot affect the other events.
 */
async function settle(batch: readonly Delivery[], dependencies: ConsumeDependencies): Promise<void> {
  const { deliveries, stopping, read, learn, log } = dependencies;
  const unsettled = new Set(batch);
  const working = setInterval(
    () => void deliveries.extendAckWait([...unsettled]),
    deliveries.extensionIntervalMs(),
  );
  const nak = async (group: readonly Delivery[], delayMs?: number): Promise<void> => {
    for (const delivery of group) unsettled.delete(delivery);
    await deliveries.nak(group, delayMs);
  };
  // May be called again with the same group: what is already settled is skipped.
  const commit = async (group: readonly Delivery[], records: readonly PositionedRecord[]): Promise<void> => {
    const open = group.flatMap((delivery, index) => {
      const record = records[index];
      return unsettled.has(delivery) && record !== undefined ? [{ delivery, record }] : [];
    });
    const { committed, stuck, error } = await commitAndAcknowledge(open, dependencies);
    for (const delivery of committed) unsettled.delete(delivery);
    if (stuck.length > 0) await nak(stuck, stuckRedeliveryDelayMs);
    if (open.some(({ delivery }) => unsettled.has(delivery))) throw error;
  };
  const persist = <T>(work: () => Promise<T>, events: () => readonly FailedEvent[]): Promise<T | undefined> =>
    untilDone(work, events, dependencies);
  try {
    const sources = new Set(batch.map(sourceOfDelivery));
    await persist(
      () => learn(sources),
      () => batch.map(unreadEvent),
    );
    if (stopping.aborted) return;
    await isolateSuspects(batch.filter(isSuspect), { ...dependencies, commit, persist });
    if (stopping.aborted) return;
    const others = batch.filter((delivery) => !isSuspect(delivery));
    const positioned = others.map((delivery) => ({ delivery, record: toPositionedRecord(delivery, read) }));
    const unreadable = positioned
      .filter(({ record }) => isUnreadable(record))
      .map(({ delivery }) => delivery);
    if (unreadable.length > 0) {
      warnUnreadable(unreadable, log);
      await nak(unreadable, redeliveryDelayMs);
    }
    const readable = positioned.filter(({ record }) => !isUnreadable(record));
    if (readable.length === 0) return;
    const [group, records] = [readable.map(({ delivery }) => delivery), readable.map(({ record }) => record)];
    await persist(
      () => commit(group, records),
      () => readable.map(({ record, delivery }) => toFailedEvent(record, delivery)),
    );
  } finally {
    clearInterval(working);
    await nak([...unsettled]);
  }
}

/**
 * Ingress stores nothing that cannot be read, so an unreadable delivery is most likely not what the stream holds: the client
 * has mixed up the bytes of two connections while reconnecting. It is redelivered, and quarantined when it arrives for the
 * third time, as a suspect.
 */
function warnUnreadable(unreadable: readonly Delivery[], log: Logger): void {
  for (const { position, deliveryCount } of unreadable)
    log.warn({ sequence: position.sequence, delivery: deliveryCount }, "delivery_unreadable");
}

/** Repeats some work until it succeeds; resolves with `undefined` when the service is stopping. */
async function untilDone<T>(
  work: () => Promise<T>,
  events: () => readonly FailedEvent[],
  { stopping, ...reporting }: ConsumeDependencies,
): Promise<T | undefined> {
  for (let attempt = 1; !stopping.aborted; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      // Several consumers that failed at the same time must not all retry at the same time.
      const jitter = 0.5 + Math.random() / 2;
      const pauseMs = Math.round(Math.min(initialPauseMs * 2 ** (attempt - 1), maxPauseMs) * jitter);
      reportFailure(events(), { error, attempt, pauseMs }, reporting);
      await pause(pauseMs, stopping);
    }
  }
  return undefined;
}

/** A delivery that is not settled yet, with its record. */
type UnsettledRecord = { readonly delivery: Delivery; readonly record: PositionedRecord };

type CommitResult = {
  readonly committed: readonly Delivery[];
  /** These would block all later events. */
  readonly stuck: readonly Delivery[];
  /** Why not all are committed. */
  readonly error?: unknown;
};

async function commitAndAcknowledge(
  open: readonly UnsettledRecord[],
  { record, deliveries, metrics, log }: ConsumeDependencies,
): Promise<CommitResult> {
  const started = performance.now();
  const messages = open.map((one) => ({
    messageId: messageIdOf(one.record),
    traceparent: one.delivery.header("traceparent"),
  }));
  const fallback: Fallback = (refusedRecord, why) => {
    const delivery = open.find(({ record: one }) => one === refusedRecord)?.delivery;
    if (delivery === undefined) throw new Error(`no delivery of ${messageIdOf(refusedRecord)}`);
    return { ...toRefusedRecord(messageOf(delivery), why), position: delivery.position };
  };
  let outcome: CommitResult | undefined;
  const work = async (spans: BatchSpans): Promise<void> => {
    const records = open.map((one) => one.record);
    const recorded = await record(records, fallback);
    const at = (holds: (index: number) => boolean): readonly Delivery[] =>
      open.filter((_, index) => holds(index)).map(({ delivery }) => delivery);
    const committed = at((index) => recorded.records[index] !== undefined);
    const stuck = at((index) => (recorded.stuck.get(index) ?? 0) >= stuckAfterFailures);
    outcome = { committed, stuck, error: recorded.error };
    await deliveries.acknowledge(committed);
    if (committed.length > 0) metrics.batch(committed.length, (performance.now() - started) / 1_000);
    reportOutcomes(recorded, spans, { metrics, log });
    for (const { position } of stuck)
      log.error({ err: recorded.error, sequence: position.sequence }, "event_stuck");
    // For the spans; the caller uses the outcome.
    if (recorded.error !== undefined) throw new Error(reasonOf(recorded.error), { cause: recorded.error });
  };
  try {
    await processSpans(stream.name, messages, work);
  } catch (error) {
    if (outcome === undefined) throw error;
  }
  return outcome ?? { committed: [], stuck: [] };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
