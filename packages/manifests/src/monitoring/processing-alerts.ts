import type { Alert } from "./alert.ts";

/** What no single event should ever notice: a backlog worth telling a person of. */
const minBacklog = 1_000;

/** Every consumer reports the same durable, so any one of them will do: the largest, in doubt. */
const latest = (metric: string): string => `max by (namespace) (${metric})`;

/** Causes between the stream and the ledger. */
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
    summary: "Events wait on the stream and for five minutes none was committed.",
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
    summary: "Events wait on the stream and nobody asks for them.",
  },
  {
    name: "TakingsBacklogUnknown",
    severity: "page",
    for: "1m",
    expr: `time() - ${latest("takings_backlog_read_timestamp_seconds")} > 60`,
    summary:
      "No consumer can read how the stream and its durable stand: NATS is away, or one of them is missing.",
  },
  {
    name: "TakingsLagGrowing",
    severity: "ticket",
    for: "15m",
    expr: [
      `${latest("takings_consumer_pending")} > ${minBacklog}`,
      `and ${latest("deriv(takings_consumer_pending[15m])")} > 0`,
    ].join("\n"),
    summary: "{{ $value }} events wait, and they become more: consumers are slower than Stripe.",
  },
  {
    name: "TakingsAckPendingSaturated",
    severity: "ticket",
    for: "5m",
    expr: `${latest("takings_consumer_ack_pending")} >= 0.9 * ${latest("takings_consumer_ack_pending_limit")}`,
    summary:
      "So many events are in flight that the server holds back the rest; more consumers would not help.",
  },
  {
    name: "TakingsStreamNearLimit",
    severity: "ticket",
    for: "5m",
    expr: `${latest("takings_stream_bytes")} / ${latest("takings_stream_limit_bytes")} > 0.8`,
    summary: "The stream is {{ $value | humanizePercentage }} full; when it is full every webhook gets 503.",
  },
  {
    name: "TakingsQuarantineNotEmpty",
    severity: "ticket",
    for: "1m",
    expr: `${latest("takings_quarantine_open")} > 0`,
    summary: "{{ $value }} events should count and could not be understood; revenue lacks them.",
  },
  {
    name: "TakingsReplicasAtMax",
    severity: "ticket",
    for: "15m",
    expr: [
      `${latest("takings_consumer_pending")} > ${minBacklog}`,
      `and on (namespace) (`,
      `  kube_horizontalpodautoscaler_status_current_replicas{horizontalpodautoscaler=~".*consumer"}`,
      `  >= on (namespace, horizontalpodautoscaler) kube_horizontalpodautoscaler_spec_max_replicas`,
      `)`,
    ].join("\n"),
    summary: "{{ $value }} events wait although all the consumers run that may.",
  },
  {
    name: "TakingsMetricsAbsent",
    severity: "page",
    for: "5m",
    expr: ["ingress", "consumer", "revenue-query"]
      .map((service) => `absent(takings_build_info{service="${service}"})`)
      .join("\nor\n"),
    summary: "No {{ $labels.service }} can be scraped: none runs, or nothing about it can be known.",
  },
];
