import type { EventRecord, PaymentService, PaymentWriter } from "@takings/domain";
import type { Deliveries, Delivery } from "@takings/nats";
import type { Logger } from "@takings/runtime";
import { type BatchSpans, type Consumed, processSpans } from "@takings/telemetry";
import { stream, toEventRecord } from "@takings/wire";
import type { ConsumerMetrics } from "./metrics.ts";
import { recordBatch } from "./record-batch.ts";
import { pause } from "./pause.ts";
import { reportFailure, reportOutcomes } from "./report-outcomes.ts";

export type ConsumeDependencies = {
  readonly deliveries: Deliveries;
  readonly payments: PaymentService;
  readonly writer: PaymentWriter;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
  readonly stopping: AbortSignal;
};

/** Half of ack-wait would do; this leaves room for a lost message. */
const stillWorkingMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Turns batches of deliveries into rows until it is stopped. Acknowledges only what is committed. */
export async function consume(dependencies: ConsumeDependencies): Promise<void> {
  for (;;) {
    const batch = await dependencies.deliveries.nextBatch();
    if (batch === undefined) return;
    await settle(batch, dependencies);
  }
}

/** Holds on to a batch until it is committed, however long the database is away, or until we must stop. */
async function settle(batch: readonly Delivery[], dependencies: ConsumeDependencies): Promise<void> {
  const { payments, stopping } = dependencies;
  const records = batch.map((delivery) => toEventRecord(delivery, payments));
  const messages = records.map(({ eventId }, index) => ({
    messageId: eventId,
    traceparent: batch[index]?.header("traceparent"),
  }));
  const working = setInterval(() => {
    for (const delivery of batch) delivery.stillWorking();
  }, stillWorkingMs);
  try {
    for (let attempt = 1; !stopping.aborted; attempt += 1) {
      try {
        await commitAndAcknowledge(batch, records, messages, dependencies);
        return;
      } catch (error) {
        const pauseMs = Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
        reportFailure(records, { error, attempt, pauseMs, messages }, dependencies);
        await pause(pauseMs, stopping);
      }
    }
    for (const delivery of batch) delivery.giveBack();
  } finally {
    clearInterval(working);
  }
}

async function commitAndAcknowledge(
  batch: readonly Delivery[],
  records: readonly EventRecord[],
  messages: readonly Consumed[],
  dependencies: ConsumeDependencies,
): Promise<void> {
  const started = performance.now();
  await processSpans(stream.name, messages, async (spans: BatchSpans) => {
    const recorded = await recordBatch(dependencies.writer, records);
    for (const delivery of batch) delivery.ack();
    dependencies.metrics.batch(batch.length, (performance.now() - started) / 1_000);
    reportOutcomes(recorded, spans, dependencies);
  });
}
