import { type EventRecord, messageIdOf, TakingsError } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import type { Logger } from "@takings/runtime";
import { type BatchSpans, inTraceOf, recordFailure, sampledTraceId } from "@takings/telemetry";
import { boundedText, boundedType, toUnparsedRecord } from "@takings/wire";
import { type ConsumerMetrics, secondsSince } from "./metrics.ts";
import { messageOf } from "./positioned-record.ts";
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
    const id = messageIdOf(record);
    const isFresh = fresh.has(id) && !reported.has(id);
    reported.add(id);
    spans.within(index, () => report(record, isFresh, metrics, log));
  }
}

function report(record: EventRecord, isFresh: boolean, metrics: ConsumerMetrics, log: Logger): void {
  const { eventId, source, status } = record;
  const line = { event_id: eventId, source, event_type: boundedType(record.type), status };
  if (!isFresh) {
    metrics.duplicate(source);
    log.info(line, "duplicate_event");
    return;
  }
  metrics.fresh(secondsSince(record.created), source, sampledTraceId());
  if (record.status === "quarantined") {
    // The part before the colon is one of a few fixed phrases, so it is safe as a label.
    const reason = boundedText(record.reason ?? "unknown");
    metrics.quarantined(reason.split(":")[0] ?? "unknown", source);
    recordFailure("event_quarantined", messageIdOf(record), reason);
    log.warn({ ...line, reason }, "event_quarantined");
    return;
  }
  metrics.processed(line.event_type, source);
  log.info(line, "event_saved");
}

/** A failed attempt; the batch is retried after the pause. */
export type Failure = { readonly error: unknown; readonly attempt: number; readonly pauseMs: number };

/** What is logged of an event that failed: enough to find it, and its trace. */
export type FailedEvent = Pick<EventRecord, "eventId" | "source" | "type"> & {
  readonly traceparent: string | undefined;
};

/** The event of a delivery, as it is logged if it fails. */
export function toFailedEvent(
  { eventId, source, type }: Pick<EventRecord, "eventId" | "source" | "type">,
  delivery: Delivery | undefined,
): FailedEvent {
  return { eventId, source, type: boundedType(type), traceparent: delivery?.header("traceparent") };
}

/** As {@link toFailedEvent}, without reading the body. */
export function unreadEvent(delivery: Delivery): FailedEvent {
  return toFailedEvent(toUnparsedRecord(messageOf(delivery), "not read"), delivery);
}

/** Logs one line per failed attempt, and at the first failure of a batch one line per event. */
export function reportFailure(
  events: readonly FailedEvent[],
  { error, attempt, pauseMs }: Failure,
  { metrics, log }: Reporting,
): void {
  const code = error instanceof TakingsError ? error.code : "defect";
  for (const { source } of events) metrics.failed(code, source);
  log.error({ err: error, events: events.length, attempt, retry_ms: pauseMs }, "batch_failed");
  if (attempt > 1) return;
  const reason = boundedText(error instanceof Error ? error.message : String(error));
  for (const { eventId, source, type, traceparent } of events) {
    inTraceOf(traceparent, () => {
      recordFailure("processing_failed", messageIdOf({ source, eventId }), reason);
      log.error({ event_id: eventId, source, event_type: type, reason }, "processing_failed");
    });
  }
}
