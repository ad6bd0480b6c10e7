import { type EventRecord, TakingsError } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import type { Logger } from "@takings/runtime";
import { type BatchSpans, inTraceOf, recordFailure, sampledTraceId } from "@takings/telemetry";
import { boundedText, boundedType } from "@takings/wire";
import { type ConsumerMetrics, secondsSince } from "./metrics.ts";
import type { RecordResult } from "./record-batch.ts";

type Reporting = { readonly metrics: ConsumerMetrics; readonly log: Logger };

/** Logs one line per delivery and counts it, each in the trace of its own event. */
export function reportOutcomes(
  { fresh, records }: Pick<RecordResult, "fresh" | "records">,
  spans: BatchSpans,
  { metrics, log }: Reporting,
): void {
  const reported = new Set<string>();
  for (const [index, record] of records.entries()) {
    if (record === undefined) continue;
    // Of several deliveries of a new event in one batch, the first was stored.
    const isFresh = fresh.has(record.eventId) && !reported.has(record.eventId);
    reported.add(record.eventId);
    spans.within(index, () => report(record, isFresh, metrics, log));
  }
}

function report(record: EventRecord, isFresh: boolean, metrics: ConsumerMetrics, log: Logger): void {
  const line = { event_id: record.eventId, event_type: boundedType(record.type), status: record.status };
  if (!isFresh) {
    metrics.duplicate();
    log.info(line, "duplicate_event");
    return;
  }
  metrics.fresh(secondsSince(record.created), sampledTraceId());
  if (record.status === "quarantined") {
    // The part before the colon is one of a few fixed phrases, so it is safe as a label.
    const reason = boundedText(record.reason ?? "unknown");
    metrics.quarantined(reason.split(":")[0] ?? "unknown");
    recordFailure("event_quarantined", record.eventId, reason);
    log.warn({ ...line, reason }, "event_quarantined");
    return;
  }
  metrics.processed(line.event_type);
  log.info(line, "event_saved");
}

/** A failed attempt; the batch is retried after the pause. */
export type Failure = { readonly error: unknown; readonly attempt: number; readonly pauseMs: number };

/** What is logged of an event that failed: enough to find it, and its trace. */
export type FailedEvent = Pick<EventRecord, "eventId" | "type"> & {
  readonly traceparent: string | undefined;
};

/** The event of a delivery, as it is logged if it fails. */
export function toFailedEvent(
  { eventId, type }: Pick<EventRecord, "eventId" | "type">,
  delivery: Delivery | undefined,
): FailedEvent {
  return { eventId, type: boundedType(type), traceparent: delivery?.header("traceparent") };
}

/** Logs one line per failed attempt, and at the first failure of a batch one line per event. */
export function reportFailure(
  events: readonly FailedEvent[],
  { error, attempt, pauseMs }: Failure,
  { metrics, log }: Reporting,
): void {
  metrics.failed(error instanceof TakingsError ? error.code : "defect", events.length);
  log.error({ err: error, events: events.length, attempt, retry_ms: pauseMs }, "batch_failed");
  if (attempt > 1) return;
  const reason = boundedText(error instanceof Error ? error.message : String(error));
  for (const { eventId, type, traceparent } of events) {
    inTraceOf(traceparent, () => {
      recordFailure("processing_failed", eventId, reason);
      log.error({ event_id: eventId, event_type: type, reason }, "processing_failed");
    });
  }
}
