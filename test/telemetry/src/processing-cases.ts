import { type AlertCase, casesOf, gauges, fires, isSilent } from "./alert-case.ts";

export const processingCases: readonly AlertCase[] = [
  ...casesOf("TakingsConsumerStalled", { at: "10m" }, [
    fires(
      "events wait and the floor stands still",
      gauges({ consumer_pending: "9x20", consumer_ack_floor: "100x20" }),
    ),
    isSilent("events wait and the floor moves, on another consumer's page too", {
      'takings_consumer_pending{instance="a"}': "9x20",
      'takings_consumer_pending{instance="b"}': "9x20",
      'takings_consumer_ack_floor{instance="a"}': "100+1x20",
      'takings_consumer_ack_floor{instance="b"}': "100+1x20",
    }),
    isSilent(
      "nothing comes and nothing waits",
      gauges({ consumer_pending: "0x20", consumer_ack_floor: "100x20" }),
    ),
  ]),
  ...casesOf("TakingsNoActiveConsumers", { at: "10m" }, [
    fires(
      "events wait, none is in flight and nobody pulls",
      gauges({
        consumer_pending: "5x20",
        consumer_waiting_pulls: "0x20",
        consumer_ack_pending: "0x20",
      }),
    ),
    isSilent(
      "all pulls are answered at once because there is so much to do",
      gauges({
        consumer_pending: "9000x20",
        consumer_waiting_pulls: "0x20",
        consumer_ack_pending: "500x20",
      }),
    ),
  ]),
  ...casesOf("TakingsBacklogUnknown", { at: "10m" }, [
    fires(
      "the durable could not be read for minutes",
      gauges({ backlog_read_timestamp_seconds: "0+60x2 120x20" }),
    ),
    isSilent("one of two consumers can read it", {
      'takings_backlog_read_timestamp_seconds{instance="a"}': "0x20",
      'takings_backlog_read_timestamp_seconds{instance="b"}': "0+60x20",
    }),
  ]),
  ...casesOf("TakingsLagGrowing", { at: "40m" }, [
    fires("thousands wait, and more each minute", gauges({ consumer_pending: "2000+100x60" })),
    isSilent("thousands wait, and fewer each minute", gauges({ consumer_pending: "9000-100x60" })),
    isSilent("a handful waits", gauges({ consumer_pending: "0+1x60" })),
  ]),
  ...casesOf("TakingsAckPendingSaturated", { at: "10m" }, [
    fires(
      "nearly as many are in flight as may be",
      gauges({ consumer_ack_pending: "5900x20", consumer_ack_pending_limit: "6000x20" }),
    ),
    isSilent(
      "a few are in flight",
      gauges({ consumer_ack_pending: "500x20", consumer_ack_pending_limit: "6000x20" }),
    ),
  ]),
  ...casesOf("TakingsStreamNearLimit", { at: "10m" }, [
    fires("nine tenths are used", gauges({ stream_bytes: "9e9x20", stream_limit_bytes: "1e10x20" })),
    isSilent("it has no limit", gauges({ stream_bytes: "9e9x20", stream_limit_bytes: "Inf ".repeat(20) })),
  ]),
  ...casesOf("TakingsQuarantineNotEmpty", { at: "10m" }, [
    fires("one event is in quarantine", gauges({ quarantine_open: "0x5 1x10" })),
    isSilent("it is empty, whatever it was", gauges({ quarantine_open: "3x5 0x10" })),
  ]),
  ...casesOf("TakingsReplicasAtMax", { at: "20m" }, [
    fires("all that may run do, and thousands wait", {
      'takings_consumer_pending{namespace="shop"}': "5000x30",
      ...autoscaler("shop", 8, 8),
    }),
    isSilent("there is room for more", {
      'takings_consumer_pending{namespace="shop"}': "5000x30",
      ...autoscaler("shop", 3, 8),
    }),
    isSilent("it is another installation that lags", {
      'takings_consumer_pending{namespace="shop"}': "5x30",
      'takings_consumer_pending{namespace="other"}': "5000x30",
      ...autoscaler("shop", 8, 8),
    }),
  ]),
  ...casesOf("TakingsMetricsAbsent", { at: "10m" }, [
    fires("the consumer's page is gone", {
      'takings_build_info{service="ingress",version="0.1.0"}': "1x20",
      'takings_build_info{service="consumer",version="0.1.0"}': "1x2 stale",
      'takings_build_info{service="revenue-query",version="0.1.0"}': "1x20",
    }),
    fires("only another installation has a consumer", {
      'takings_build_info{service="ingress",version="0.1.0"}': "1x20",
      'takings_build_info{service="consumer",namespace="other"}': "1x20",
      'takings_build_info{service="revenue-query",version="0.1.0"}': "1x20",
    }),
    isSilent("each service has one", {
      'takings_build_info{service="ingress",version="0.1.0"}': "1x20",
      'takings_build_info{service="consumer",version="0.1.0"}': "1x20",
      'takings_build_info{service="revenue-query",version="0.1.0"}': "1x20",
    }),
  ]),
];

function autoscaler(namespace: string, running: number, most: number): Record<string, string> {
  const labels = `{namespace="${namespace}", horizontalpodautoscaler="keda-hpa-takings-consumer"}`;
  return {
    [`kube_horizontalpodautoscaler_status_current_replicas${labels}`]: `${running}x30`,
    [`kube_horizontalpodautoscaler_spec_max_replicas${labels}`]: `${most}x30`,
  };
}
