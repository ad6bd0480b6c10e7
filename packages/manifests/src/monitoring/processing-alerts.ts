import type { Alert } from "./alert.ts";

/** A smaller backlog does not alert. */
const minBacklog = 1_000;

/** Every consumer reports the same durable; the largest value is used where they differ. */
const latest = (metric: string): string => `max by (namespace) (${metric})`;

/** Alerts about the path from the stream to the ledger. */
export const processingAlerts: readonly Alert[] = [
  {
    name: "TakingsConsumerStalled",
    severity: "page",
    for: "2m",
    expr: [
      `min by (namespace) (min_over_time(takings_consumer_pending[5m])) > 0`,
      `and (`,
      `  max by (namespace) (max_over_time(takings_consumer_ack_floor[5m]))`,
      `  == min by (namespace) (min_over_time(takings_consumer_ack_floor[5m]))`,
      `)`,
    ].join("\n"),
    summary: "No event has been committed for 5 minutes while events wait on the stream.",
    description:
      "Revenue in {{ $labels.namespace }} is not updated. Webhooks are still accepted and nothing " +
      "is lost. Read the log lines batch_failed and pull_failed of the consumer: they name the " +
      "cause.",
  },
  {
    name: "TakingsNoActiveConsumers",
    severity: "page",
    for: "5m",
    expr: [
      `${latest("takings_consumer_pending")} > 0`,
      `and ${latest("takings_consumer_waiting_pulls")} == 0`,
      `and ${latest("takings_consumer_ack_pending")} == 0`,
    ].join("\n"),
    summary: "{{ $value }} events wait on the stream, and no consumer has requested any for 5 minutes.",
    description:
      "Consumers in {{ $labels.namespace }} run but do not pull. Read the log line pull_failed and " +
      "check with nats consumer info whether the durable is paused.",
  },
  {
    name: "TakingsBacklogUnknown",
    severity: "page",
    for: "1m",
    expr: `time() - ${latest("takings_backlog_read_timestamp_seconds")} > 60`,
    summary:
      "The state of the stream has been unknown for {{ $value | humanizeDuration }}: no consumer " +
      "can read it.",
    description:
      "NATS is unreachable, or the stream or its durable is missing in {{ $labels.namespace }}. All " +
      "gauges of lag keep their last value. Check NATS first; run takings stream if the durable is " +
      "missing.",
  },
  {
    name: "TakingsLagGrowing",
    severity: "ticket",
    for: "15m",
    expr: [
      `${latest("takings_consumer_pending")} > ${minBacklog}`,
      `and ${latest("deriv(takings_consumer_pending[15m])")} > 0`,
    ].join("\n"),
    summary: "{{ $value }} events wait, and the backlog has been growing for 15 minutes.",
    description:
      "Consumers in {{ $labels.namespace }} are slower than incoming webhooks. Check whether " +
      "autoscaling adds consumers and whether the database is the bottleneck (dashboard panel Batch " +
      "duration).",
  },
  {
    name: "TakingsAckPendingSaturated",
    severity: "ticket",
    for: "5m",
    expr: `${latest("takings_consumer_ack_pending")} >= 0.9 * ${latest("takings_consumer_ack_pending_limit")}`,
    summary:
      "{{ $value }} events are delivered but not acknowledged: the limit of the durable is nearly " +
      "reached.",
    description:
      "At the limit NATS delivers no more events, and more consumers do not help. Check the " +
      "duration of batches and whether consumers in {{ $labels.namespace }} restart.",
  },
  {
    name: "TakingsStreamNearLimit",
    severity: "ticket",
    for: "5m",
    expr: `${latest("takings_stream_bytes")} / ${latest("takings_stream_limit_bytes")} > 0.8`,
    summary:
      "The stream is {{ $value | humanizePercentage }} full; when it is full, ingress answers 503 " +
      "to every webhook.",
    description:
      "Run takings purge --dry-run to see what keeps the messages. Then fix the consumer, run the " +
      "purger, or raise STREAM_MAX_BYTES.",
  },
  {
    name: "TakingsQuarantineNotEmpty",
    severity: "ticket",
    for: "1m",
    expr: "sum by (namespace) (max by (namespace, source) (takings_quarantine_open)) > 0",
    summary: "{{ $value }} events are in quarantine and missing from revenue.",
    description:
      "They are stored but could not be interpreted. Run takings quarantine list to see the " +
      "reasons, then replay or dismiss each event.",
  },
  {
    name: "TakingsReplicasAtMax",
    severity: "ticket",
    for: "15m",
    expr: [
      `${latest("takings_consumer_pending")} > ${minBacklog}`,
      `and on (namespace) (`,
      `  kube_horizontalpodautoscaler_status_current_replicas{horizontalpodautoscaler=~".*consumer(-keda)?"}`,
      `  >= on (namespace, horizontalpodautoscaler) kube_horizontalpodautoscaler_spec_max_replicas`,
      `)`,
    ].join("\n"),
    summary: "{{ $value }} events wait although the consumer runs at its maximum number of replicas.",
    description:
      "This has lasted for 15 minutes in {{ $labels.namespace }}. Check whether consumers are at " +
      "their CPU limit or the database is the bottleneck before you raise " +
      "consumer.autoscaling.maxReplicas.",
  },
  {
    name: "TakingsMetricsAbsent",
    severity: "page",
    for: "5m",
    expr: ["ingress", "consumer", "revenue-query"]
      .map((service) => `absent(takings_build_info{service="${service}"})`)
      .join("\nor\n"),
    summary: "No metrics of {{ $labels.service }}: no process has been scraped for 5 minutes.",
    description:
      "The service does not run, or Prometheus cannot reach it. All other alerts about this service " +
      "are blind. Check the pods first, then the scrape target and the NetworkPolicy.",
  },
];
