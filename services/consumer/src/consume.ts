import { type PaymentService, type PaymentWriter, TakingsError } from "@takings/domain";
import type { Deliveries, Delivery } from "@takings/nats";
import type { Logger } from "@takings/runtime";
import { type BatchSpans, processSpans } from "@takings/telemetry";
import { stream } from "@takings/wire";
import type { ConsumerMetrics } from "./metrics.ts";
import { readDelivery } from "./read-delivery.ts";
import { type Recorded, recordBatch } from "./record-batch.ts";
import { reportOutcomes } from "./report-outcomes.ts";

export type ConsumeDependencies = {
  readonly deliveries: Deliveries;
  readonly payments: PaymentService;
  readonly writer: PaymentWriter;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
  readonly stopping: AbortSignal;
};

/** Half of ack-wait would do; this leaves room for a lost message. */
const stillWorkingMs = 15_000;
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
  const { metrics, log, stopping } = dependencies;
  const working = setInterval(() => {
    for (const delivery of batch) delivery.stillWorking();
  }, stillWorkingMs);
  try {
    for (let pauseMs = firstPauseMs; !stopping.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        await commitAndAcknowledge(batch, dependencies);
        return;
      } catch (error) {
        const reason = error instanceof TakingsError ? error.code : "defect";
        metrics.failed(reason, batch.length);
        log.error({ err: error, deliveries: batch.length, retry_ms: pauseMs }, "processing_failed");
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
  dependencies: ConsumeDependencies,
): Promise<void> {
  const { payments, writer, metrics } = dependencies;
  const started = performance.now();
  const records = batch.map((delivery) => readDelivery(delivery, payments));
  const messages = records.map(({ eventId }, index) => ({
    messageId: eventId,
    traceparent: batch[index]?.header("traceparent"),
  }));
  await processSpans(stream.name, messages, async (spans: BatchSpans) => {
    const recorded: Recorded = await recordBatch(writer, records);
    for (const delivery of batch) delivery.ack();
    metrics.batch(batch.length, (performance.now() - started) / 1_000);
    reportOutcomes(recorded, spans, dependencies);
  });
}

async function pause(ms: number, stopping: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  stopping.addEventListener("abort", () => over.resolve(), { once: true });
  await over.promise;
  clearTimeout(timer);
}
