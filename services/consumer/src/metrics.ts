import { defaultSource } from "@takings/domain";
import type { Backlog } from "@takings/nats";
import type { GapCounts, QuarantineCount } from "@takings/postgres";
import type { Metrics } from "@takings/runtime";
import { Counter, Gauge, Histogram } from "prom-client";

/** What the consumer counts and measures. */
export type ConsumerMetrics = {
  processed(type: string, source: string): void;
  duplicate(source: string): void;
  failed(reason: string, source: string): void;
  quarantined(reason: string, source: string): void;
  /** Seconds from the event's creation at Stripe to COMMIT; counted as 0 where they are negative. */
  fresh(seconds: number, source: string, traceId: string | undefined): void;
  /** The size of a batch, and the seconds from taking it to its COMMIT. */
  batch(size: number, seconds: number): void;
  /** The current state of the durable and the stream. */
  backlog(backlog: Backlog): void;
  /** How many quarantined events of each source await a decision. */
  openQuarantine(counts: readonly QuarantineCount[]): void;
  /** How many gaps of each source are open, by kind. */
  openGaps(counts: readonly GapCounts[]): void;
};

const processingBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Up to the three days for which Stripe retries; 60 s is the service level. */
const freshnessBuckets = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400, 259_200];
const sizeBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** More types than Stripe has; further ones are counted as `other`, so that no sender can exhaust memory. */
const maxTypes = 400;
/** Far more than an installation has; further ones are counted as `other` too. */
const maxSources = 100;

/** By this process's clock; negative where it is behind the clock of Stripe or of NATS. */
export function secondsSince(instant: Date): number {
  return (Date.now() - instant.getTime()) / 1_000;
}

/** Registers the metrics of the consumer. */
export function createConsumerMetrics({ registry }: Metrics): ConsumerMetrics {
  const registers = [registry];
  const processed = new Counter({
    name: "takings_events_processed_total",
    help: "Events committed and interpreted, by event type",
    labelNames: ["type", "source"],
    registers,
  });
  const duplicates = new Counter({
    name: "takings_events_duplicate_total",
    help: "Deliveries of events that were already committed",
    labelNames: ["source"],
    registers,
  });
  const failed = new Counter({
    name: "takings_events_failed_total",
    help: "Deliveries that could not be committed and are retried, by reason",
    labelNames: ["reason", "source"],
    registers,
  });
  const quarantined = new Counter({
    name: "takings_events_quarantined_total",
    help: "Events quarantined because they should count but could not be interpreted, by reason",
    labelNames: ["reason", "source"],
    registers,
  });
  const duration = new Histogram({
    name: "takings_event_processing_duration_seconds",
    help: "Time from taking a batch to its commit",
    buckets: processingBuckets,
    registers,
  });
  const freshness: Histogram = new Histogram({
    name: "takings_event_freshness_seconds",
    help: "Time from an event's creation at Stripe to its commit, by two clocks; 0 where that is negative",
    labelNames: ["source"],
    buckets: freshnessBuckets,
    enableExemplars: true,
    registers,
  });
  const size = new Histogram({
    name: "takings_batch_size",
    help: "Deliveries in a batch",
    buckets: sizeBuckets,
    registers,
  });
  const pending = new Gauge({
    name: "takings_consumer_pending",
    help: "The backlog: events that are not delivered, or delivered and not acknowledged",
    registers,
  });
  const oldest = new Gauge({
    name: "takings_oldest_unprocessed_seconds",
    help: "Age of the oldest event in the backlog, 0 when there is none or the clock is behind that of NATS",
    registers,
  });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const ackPending = gauge(
    "takings_consumer_ack_pending",
    "Events delivered to a consumer and not acknowledged; part of takings_consumer_pending",
  );
  const maxAckPending = gauge(
    "takings_consumer_ack_pending_limit",
    "How many events may be delivered and not acknowledged before the server delivers no more",
  );
  const redelivered = gauge(
    "takings_consumer_redelivered",
    "Events delivered more than once and not acknowledged yet",
  );
  const ackFloor = gauge(
    "takings_consumer_ack_floor",
    "Sequence of the stream up to which every event is acknowledged",
  );
  const waitingPulls = gauge(
    "takings_consumer_waiting_pulls",
    "Pulls that wait for events, of all consumers",
  );
  const streamBytes = gauge("takings_stream_bytes", "Bytes in the stream");
  const streamLimit = gauge(
    "takings_stream_limit_bytes",
    "Bytes at which the stream refuses events; +Inf without a limit",
  );
  const readAt = gauge(
    "takings_backlog_read_timestamp_seconds",
    "When the gauges of stream and durable were last read; they keep their values while NATS is away",
  );
  const open = new Gauge({
    name: "takings_quarantine_open",
    help: "Quarantined events awaiting a decision, whichever consumer recorded them",
    labelNames: ["source"],
    registers,
  });
  const gaps = new Gauge({
    name: "takings_gaps",
    help: "Payments and refunds that an event over an hour old shows but no counted event explains",
    labelNames: ["kind", "source"],
    registers,
  });
  const sources = createBoundedNames(maxSources);
  const types = createBoundedNames(maxTypes);
  const openQuarantine = (counts: readonly QuarantineCount[]): void => {
    for (const { source, open: count } of counts) open.set({ source: sources.name(source) }, count);
  };
  const openGaps = (counts: readonly GapCounts[]): void => {
    for (const { source: name, payment, refund } of counts) {
      const source = sources.name(name);
      gaps.set({ kind: "payment", source }, payment);
      gaps.set({ kind: "refund", source }, refund);
    }
  };
  // A series that starts with its first event has no rate for it, and an alert would miss it.
  const source = sources.name(defaultSource);
  openQuarantine([{ source, open: 0 }]);
  openGaps([{ source, payment: 0, refund: 0 }]);
  processed.inc({ type: "payment_intent.succeeded", source }, 0);
  duplicates.inc({ source }, 0);
  for (const reason of ["unavailable", "defect"]) failed.inc({ reason, source }, 0);
  for (const reason of ["refused by the store", "unparsed"]) quarantined.inc({ reason, source }, 0);
  return {
    processed: (type, of) => processed.inc({ type: types.name(type), source: sources.name(of) }),
    duplicate: (of) => duplicates.inc({ source: sources.name(of) }),
    failed: (reason, of) => failed.inc({ reason, source: sources.name(of) }),
    quarantined: (reason, of) => quarantined.inc({ reason, source: sources.name(of) }),
    fresh(seconds, of, traceId) {
      const exemplarLabels = traceId === undefined ? {} : { exemplarLabels: { trace_id: traceId } };
      const labels = { source: sources.name(of) };
      freshness.observe({ value: Math.max(0, seconds), labels, ...exemplarLabels });
    },
    batch(deliveries, seconds) {
      size.observe(deliveries);
      duration.observe(seconds);
    },
    backlog(backlog) {
      pending.set(backlog.pending);
      oldest.set(backlog.oldest === undefined ? 0 : Math.max(0, secondsSince(backlog.oldest)));
      ackPending.set(backlog.ackPending);
      maxAckPending.set(backlog.maxAckPending);
      redelivered.set(backlog.redelivered);
      ackFloor.set(backlog.ackFloor);
      waitingPulls.set(backlog.waitingPulls);
      streamBytes.set(backlog.streamBytes);
      streamLimit.set(backlog.streamLimitBytes ?? Infinity);
      readAt.set(Date.now() / 1_000);
    },
    openQuarantine,
    openGaps,
  };
}

/** The first names as they are, and all further ones as `other`. */
function createBoundedNames(most: number): { name(name: string): string } {
  const known = new Set<string>();
  return {
    name(name) {
      if (known.size < most) known.add(name);
      return known.has(name) ? name : "other";
    },
  };
}
