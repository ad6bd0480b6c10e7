import type { Arrival, PaymentWriter, TrialJournal } from "@takings/domain";
import type { Deliveries, Delivery } from "@takings/nats";
import type { Logger } from "@takings/runtime";
import { type BatchSpans, processSpans } from "@takings/telemetry";
import { isUnreadable, stream } from "@takings/wire";
import { arrivalOf, type Reader } from "./arrival.ts";
import type { ConsumerMetrics } from "./metrics.ts";
import { pause } from "./pause.ts";
import { recordBatch } from "./record-batch.ts";
import { type FailedEvent, namedFor, reportFailure, reportOutcomes } from "./report-outcomes.ts";
import { isSuspect, tryAlone } from "./try-alone.ts";

export type ConsumeDependencies = {
  readonly deliveries: Deliveries;
  readonly read: Reader;
  readonly writer: PaymentWriter;
  readonly trials: TrialJournal;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
  readonly stopping: AbortSignal;
};

/** Half of ack-wait would do; this leaves room for a lost message. */
const stillWorkingMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
const untilNextDeliveryMs = 1_000;

/** Turns batches of deliveries into rows until it is stopped. Acknowledges only what is committed. */
export async function consume(dependencies: ConsumeDependencies): Promise<void> {
  for (;;) {
    const batch = await dependencies.deliveries.nextBatch();
    if (batch === undefined) return;
    await settle(batch, dependencies);
  }
}

/**
 * Holds on to a batch until it is committed, however long the database is away, or until we must stop. What has come
 * too often goes first and alone, before its neighbours could fall with it.
 */
async function settle(batch: readonly Delivery[], dependencies: ConsumeDependencies): Promise<void> {
  const unsettled = new Set(batch);
  const working = setInterval(() => {
    for (const delivery of unsettled) delivery.stillWorking();
  }, stillWorkingMs);
  const commit = async (group: readonly Delivery[], records: readonly Arrival[]): Promise<void> => {
    await commitAndAcknowledge(group, records, dependencies);
    for (const delivery of group) unsettled.delete(delivery);
  };
  const persist = <T>(work: () => Promise<T>, events: readonly FailedEvent[]): Promise<T | undefined> =>
    untilDone(work, events, dependencies);
  try {
    await tryAlone(batch.filter(isSuspect), { ...dependencies, commit, persist });
    if (dependencies.stopping.aborted) return;
    const others = batch.filter((delivery) => !isSuspect(delivery));
    const arrivals = others.map((delivery) => ({ delivery, record: arrivalOf(delivery, dependencies.read) }));
    for (const { delivery } of arrivals.filter(({ record }) => isUnreadable(record))) {
      askAgain(delivery, dependencies.log);
      unsettled.delete(delivery);
    }
    const sound = arrivals.filter(({ record }) => !isUnreadable(record));
    if (sound.length === 0) return;
    const [deliveries, records] = [sound.map(({ delivery }) => delivery), sound.map(({ record }) => record)];
    const events = sound.map(({ record, delivery }) => namedFor(record, delivery));
    await persist(() => commit(deliveries, records), events);
  } finally {
    clearInterval(working);
    for (const delivery of unsettled) delivery.giveBack();
  }
}

/**
 * Ingress stores nothing that cannot be read, so what cannot is most likely not what the stream holds: a client that
 * reconnects has mixed up the bytes of two connections. It is believed when it comes for the third time, as a suspect.
 */
function askAgain(delivery: Delivery, log: Logger): void {
  log.warn({ sequence: delivery.position.sequence, delivery: delivery.deliveryCount }, "delivery_unreadable");
  delivery.giveBack(untilNextDeliveryMs);
}

/** Repeats some work until it succeeds; resolves with `undefined` when it is time to stop. */
async function untilDone<T>(
  work: () => Promise<T>,
  events: readonly FailedEvent[],
  { stopping, ...reporting }: ConsumeDependencies,
): Promise<T | undefined> {
  for (let attempt = 1; !stopping.aborted; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      // Not all at the same moment, where several consumers failed at one.
      const jitter = 0.5 + Math.random() / 2;
      const pauseMs = Math.round(Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs) * jitter);
      reportFailure(events, { error, attempt, pauseMs }, reporting);
      await pause(pauseMs, stopping);
    }
  }
  return undefined;
}

async function commitAndAcknowledge(
  batch: readonly Delivery[],
  records: readonly Arrival[],
  dependencies: ConsumeDependencies,
): Promise<void> {
  const started = performance.now();
  const messages = records.map(({ eventId }, index) => ({
    messageId: eventId,
    traceparent: batch[index]?.header("traceparent"),
  }));
  await processSpans(stream.name, messages, async (spans: BatchSpans) => {
    const recorded = await recordBatch(dependencies.writer, records);
    for (const delivery of batch) delivery.ack();
    dependencies.metrics.batch(batch.length, (performance.now() - started) / 1_000);
    reportOutcomes(recorded, spans, dependencies);
  });
}
