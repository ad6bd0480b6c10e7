import { isSpanContextValid, trace, TraceFlags } from "@opentelemetry/api";
import type { EventRecord } from "@takings/domain";
import type { Logger } from "@takings/runtime";
import type { BatchSpans } from "@takings/telemetry";
import type { ConsumerMetrics } from "./metrics.ts";
import type { Recorded } from "./record-batch.ts";

/** Writes one line per delivery and counts it, each inside the trace of its own event. */
export function reportOutcomes(
  { fresh, records }: Recorded,
  spans: BatchSpans,
  { metrics, log }: { readonly metrics: ConsumerMetrics; readonly log: Logger },
): void {
  const reported = new Set<string>();
  for (const [index, record] of records.entries()) {
    // Of several deliveries of one new event in a batch the first was stored.
    const isFresh = fresh.has(record.eventId) && !reported.has(record.eventId);
    reported.add(record.eventId);
    spans.within(index, () => report(record, isFresh, metrics, log));
  }
}

function report(record: EventRecord, isFresh: boolean, metrics: ConsumerMetrics, log: Logger): void {
  const line = { event_id: record.eventId, event_type: record.type, status: record.status };
  if (!isFresh) {
    metrics.duplicate();
    log.info(line, "duplicate_event");
    return;
  }
  metrics.fresh((Date.now() - record.created.getTime()) / 1_000, sampledTraceId());
  if (record.status === "quarantined") {
    // What stands before a colon is one of a few phrases; what follows may be anything.
    metrics.quarantined(record.reason?.split(":")[0] ?? "unknown");
    log.warn({ ...line, reason: record.reason }, "event_quarantined");
    return;
  }
  metrics.processed(record.type);
  log.info({ ...line, entries: record.claims.length }, "event_saved");
}

function sampledTraceId(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  const isSampled =
    span !== undefined && isSpanContextValid(span) && (span.traceFlags & TraceFlags.SAMPLED) !== 0;
  return isSampled ? span.traceId : undefined;
}
