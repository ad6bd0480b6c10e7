import { type AlertCase, gauges, fires, isSilent } from "./alert-case.ts";

export const processingCases: readonly AlertCase[] = [
  fires("TakingsConsumerStalled", {
    when: "events wait and the floor stands still",
    series: gauges({ consumer_pending: "9x20", consumer_ack_floor: "100x20" }),
    at: "10m",
  }),
  isSilent("TakingsConsumerStalled", {
    when: "events wait and the floor moves, on another consumer's page too",
    series: {
      'takings_consumer_pending{instance="a"}': "9x20",
      'takings_consumer_pending{instance="b"}': "9x20",
      'takings_consumer_ack_floor{instance="a"}': "100+1x20",
      'takings_consumer_ack_floor{instance="b"}': "100+1x20",
    },
    at: "10m",
  }),
  isSilent("TakingsConsumerStalled", {
    when: "nothing comes and nothing waits",
    series: gauges({ consumer_pending: "0x20", consumer_ack_floor: "100x20" }),
    at: "10m",
  }),
  fires("TakingsNoActiveConsumers", {
    when: "events wait, none is in flight and nobody pulls",
    series: gauges({
      consumer_pending: "5x20",
      consumer_waiting_pulls: "0x20",
      consumer_ack_pending: "0x20",
    }),
    at: "10m",
  }),
  isSilent("TakingsNoActiveConsumers", {
    when: "all pulls are answered at once because there is so much to do",
    series: gauges({
      consumer_pending: "9000x20",
      consumer_waiting_pulls: "0x20",
      consumer_ack_pending: "500x20",
    }),
    at: "10m",
  }),
  fires("TakingsBacklogUnknown", {
    when: "the durable could not be read for minutes",
    series: gauges({ backlog_read_timestamp_seconds: "0+60x2 120x20" }),
    at: "10m",
  }),
  isSilent("TakingsBacklogUnknown", {
    when: "one of two consumers can read it",
    series: {
      'takings_backlog_read_timestamp_seconds{instance="a"}': "0x20",
      'takings_backlog_read_timestamp_seconds{instance="b"}': "0+60x20",
    },
    at: "10m",
  }),
  fires("TakingsLagGrowing", {
    when: "thousands wait, and more each minute",
    series: gauges({ consumer_pending: "2000+100x60" }),
    at: "40m",
  }),
  isSilent("TakingsLagGrowing", {
    when: "thousands wait, and fewer each minute",
    series: gauges({ consumer_pending: "9000-100x60" }),
    at: "40m",
  }),
  isSilent("TakingsLagGrowing", {
    when: "a handful waits",
    series: gauges({ consumer_pending: "0+1x60" }),
    at: "40m",
  }),
  fires("TakingsAckPendingSaturated", {
    when: "nearly as many are in flight as may be",
    series: gauges({ consumer_ack_pending: "5900x20", consumer_ack_pending_limit: "6000x20" }),
    at: "10m",
  }),
  isSilent("TakingsAckPendingSaturated", {
    when: "a few are in flight",
    series: gauges({ consumer_ack_pending: "500x20", consumer_ack_pending_limit: "6000x20" }),
    at: "10m",
  }),
  fires("TakingsStreamNearLimit", {
    when: "nine tenths are used",
    series: gauges({ stream_bytes: "9e9x20", stream_limit_bytes: "1e10x20" }),
    at: "10m",
  }),
  isSilent("TakingsStreamNearLimit", {
    when: "it has no limit",
    series: gauges({ stream_bytes: "9e9x20", stream_limit_bytes: "Inf ".repeat(20) }),
    at: "10m",
  }),
  fires("TakingsQuarantineNotEmpty", {
    when: "one event is in quarantine",
    series: gauges({ quarantine_open: "0x5 1x10" }),
    at: "10m",
  }),
  isSilent("TakingsQuarantineNotEmpty", {
    when: "it is empty, whatever it was",
    series: gauges({ quarantine_open: "3x5 0x10" }),
    at: "10m",
  }),
  fires("TakingsReplicasAtMax", {
    when: "all that may run do, and thousands wait",
    series: {
      'takings_consumer_pending{namespace="shop"}': "5000x30",
      ...autoscaler("shop", 8, 8),
    },
    at: "20m",
  }),
  isSilent("TakingsReplicasAtMax", {
    when: "there is room for more",
    series: {
      'takings_consumer_pending{namespace="shop"}': "5000x30",
      ...autoscaler("shop", 3, 8),
    },
    at: "20m",
  }),
  isSilent("TakingsReplicasAtMax", {
    when: "it is another installation that lags",
    series: {
      'takings_consumer_pending{namespace="shop"}': "5x30",
      'takings_consumer_pending{namespace="other"}': "5000x30",
      ...autoscaler("shop", 8, 8),
    },
    at: "20m",
  }),
  fires("TakingsMetricsAbsent", {
    when: "the consumer's page is gone",
    series: {
      'takings_build_info{service="ingress",version="0.1.0"}': "1x20",
      'takings_build_info{service="consumer",version="0.1.0"}': "1x2 stale",
      'takings_build_info{service="revenue-query",version="0.1.0"}': "1x20",
    },
    at: "10m",
  }),
  isSilent("TakingsMetricsAbsent", {
    when: "each service has one",
    series: {
      'takings_build_info{service="ingress",version="0.1.0"}': "1x20",
      'takings_build_info{service="consumer",version="0.1.0"}': "1x20",
      'takings_build_info{service="revenue-query",version="0.1.0"}': "1x20",
    },
    at: "10m",
  }),
];

function autoscaler(namespace: string, running: number, most: number): Record<string, string> {
  const labels = `{namespace="${namespace}", horizontalpodautoscaler="keda-hpa-takings-consumer"}`;
  return {
    [`kube_horizontalpodautoscaler_status_current_replicas${labels}`]: `${running}x30`,
    [`kube_horizontalpodautoscaler_spec_max_replicas${labels}`]: `${most}x30`,
  };
}
