/** A situation, and whether somebody is to be told of it. */
export type AlertCase = {
  readonly alert: string;
  /** What is going on. */
  readonly when: string;
  /** Series in promtool's notation: start, step, count. */
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
  readonly fires: boolean;
  /** Between samples and evaluations; a minute unless days have to pass. */
  readonly every?: string;
};

type Situation = Omit<AlertCase, "alert" | "fires">;

function fires(alert: string, situation: Situation): AlertCase {
  return { alert, fires: true, ...situation };
}

function isSilent(alert: string, situation: Situation): AlertCase {
  return { alert, fires: false, ...situation };
}

const requests = (outcome: string, values: string): Record<string, string> => ({
  [`takings_webhook_requests_total{outcome="${outcome}"}`]: values,
});

/** A histogram of which only one boundary matters. */
const histogram = (
  name: string,
  bound: number,
  good: string,
  all: string,
): Record<string, string> => ({
  [`${name}_bucket{le="${bound}.0"}`]: good,
  [`${name}_count`]: all,
});

const freshness = (good: string, all: string): Record<string, string> =>
  histogram("takings_event_freshness_seconds", 60, good, all);
const duration = (good: string, all: string): Record<string, string> =>
  histogram("takings_webhook_duration_seconds", 1, good, all);

const serviceLevelCases: readonly AlertCase[] = [
  fires("TakingsAcceptanceBudgetBurn", {
    when: "a twentieth of the webhooks is answered with 503",
    series: { ...requests("stored", "0+95x90"), ...requests("unavailable", "0+5x90") },
    at: "90m",
  }),
  fires("TakingsAcceptanceBudgetBurn", {
    when: "all of little traffic fails",
    series: { ...requests("stored", "60x90"), ...requests("unavailable", "0x30 0+1x60") },
    at: "90m",
  }),
  fires("TakingsAcceptanceBudgetBurn", {
    when: "one in a hundred fails for hours",
    series: { ...requests("duplicate", "0+990x400"), ...requests("overloaded", "0+10x400") },
    at: "400m",
  }),
  isSilent("TakingsAcceptanceBudgetBurn", {
    when: "one webhook fails on a quiet night",
    series: { ...requests("stored", "0x60 1x30"), ...requests("unavailable", "0x70 1x20") },
    at: "90m",
  }),
  isSilent("TakingsAcceptanceBudgetBurn", {
    when: "strangers are refused",
    series: { ...requests("stored", "0+100x90"), ...requests("bad_signature", "0+900x90") },
    at: "90m",
  }),
  isSilent("TakingsAcceptanceBudgetBurn", {
    when: "an outage is over for ten minutes",
    series: { ...requests("stored", "0+0x30 0+100x60"), ...requests("unavailable", "0+100x30 3000x60") },
    at: "75m",
  }),
  fires("TakingsAcceptanceBudgetBurnSlow", {
    when: "one in 500 fails for days",
    series: { ...requests("stored", "0+4990x90"), ...requests("failed", "0+10x90") },
    at: "80h",
    every: "1h",
  }),
  isSilent("TakingsAcceptanceBudgetBurnSlow", {
    when: "one in 2000 fails for days",
    series: { ...requests("stored", "0+9995x90"), ...requests("failed", "0+5x90") },
    at: "80h",
    every: "1h",
  }),
  fires("TakingsFreshnessBudgetBurn", {
    when: "a fifth of the events is late",
    series: freshness("0+80x90", "0+100x90"),
    at: "90m",
  }),
  isSilent("TakingsFreshnessBudgetBurn", {
    when: "one in 200 is late",
    series: freshness("0+199x90", "0+200x90"),
    at: "90m",
  }),
  isSilent("TakingsFreshnessBudgetBurn", {
    when: "three of three events at night are late",
    series: freshness("0x90", "0x80 3x10"),
    at: "90m",
  }),
  fires("TakingsFreshnessBudgetBurnSlow", {
    when: "one in 50 is late for days",
    series: freshness("0+49x90", "0+50x90"),
    at: "80h",
    every: "1h",
  }),
  isSilent("TakingsFreshnessBudgetBurnSlow", {
    when: "one in 200 is late for days",
    series: freshness("0+199x90", "0+200x90"),
    at: "80h",
    every: "1h",
  }),
  fires("TakingsLatencyBudgetBurn", {
    when: "a fifth of the answers is slow",
    series: duration("0+80x90", "0+100x90"),
    at: "90m",
  }),
  isSilent("TakingsLatencyBudgetBurn", {
    when: "all answers are quick",
    series: duration("0+100x90", "0+100x90"),
    at: "90m",
  }),
  fires("TakingsLatencyBudgetBurnSlow", {
    when: "one in 50 is slow for days",
    series: duration("0+49x90", "0+50x90"),
    at: "80h",
    every: "1h",
  }),
  isSilent("TakingsLatencyBudgetBurnSlow", {
    when: "there was no traffic for days",
    series: duration("500x90", "700x90"),
    at: "80h",
    every: "1h",
  }),
];

const consumers = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, text]) => [`takings_${name}`, text]));

const processingCases: readonly AlertCase[] = [
  fires("TakingsConsumerStalled", {
    when: "events wait and the floor stands still",
    series: consumers({ consumer_pending: "9x20", consumer_ack_floor: "100x20" }),
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
    series: consumers({ consumer_pending: "0x20", consumer_ack_floor: "100x20" }),
    at: "10m",
  }),
  fires("TakingsNoPullers", {
    when: "events wait, none is in flight and nobody pulls",
    series: consumers({
      consumer_pending: "5x20",
      consumer_waiting_pulls: "0x20",
      consumer_ack_pending: "0x20",
    }),
    at: "10m",
  }),
  isSilent("TakingsNoPullers", {
    when: "all pulls are answered at once because there is so much to do",
    series: consumers({
      consumer_pending: "9000x20",
      consumer_waiting_pulls: "0x20",
      consumer_ack_pending: "500x20",
    }),
    at: "10m",
  }),
  fires("TakingsBacklogUnknown", {
    when: "the durable could not be read for minutes",
    series: consumers({ backlog_read_timestamp_seconds: "0+60x2 120x20" }),
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
    series: consumers({ consumer_pending: "2000+100x60" }),
    at: "40m",
  }),
  isSilent("TakingsLagGrowing", {
    when: "thousands wait, and fewer each minute",
    series: consumers({ consumer_pending: "9000-100x60" }),
    at: "40m",
  }),
  isSilent("TakingsLagGrowing", {
    when: "a handful waits",
    series: consumers({ consumer_pending: "0+1x60" }),
    at: "40m",
  }),
  fires("TakingsAckPendingSaturated", {
    when: "nearly as many are in flight as may be",
    series: consumers({ consumer_ack_pending: "5900x20", consumer_ack_pending_limit: "6000x20" }),
    at: "10m",
  }),
  isSilent("TakingsAckPendingSaturated", {
    when: "a few are in flight",
    series: consumers({ consumer_ack_pending: "500x20", consumer_ack_pending_limit: "6000x20" }),
    at: "10m",
  }),
  fires("TakingsStreamNearLimit", {
    when: "nine tenths are used",
    series: consumers({ stream_bytes: "9e9x20", stream_limit_bytes: "1e10x20" }),
    at: "10m",
  }),
  isSilent("TakingsStreamNearLimit", {
    when: "it has no limit",
    series: consumers({ stream_bytes: "9e9x20", stream_limit_bytes: "Inf ".repeat(20) }),
    at: "10m",
  }),
  fires("TakingsQuarantineNotEmpty", {
    when: "one event is in quarantine",
    series: consumers({ quarantine_open: "0x5 1x10" }),
    at: "10m",
  }),
  isSilent("TakingsQuarantineNotEmpty", {
    when: "it is empty, whatever it was",
    series: consumers({ quarantine_open: "3x5 0x10" }),
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
      'takings_service_info{service="ingress"}': "1x20",
      'takings_service_info{service="consumer"}': "1x2 stale",
      'takings_service_info{service="revenue-query"}': "1x20",
    },
    at: "10m",
  }),
  isSilent("TakingsMetricsAbsent", {
    when: "each service has one",
    series: {
      'takings_service_info{service="ingress"}': "1x20",
      'takings_service_info{service="consumer"}': "1x20",
      'takings_service_info{service="revenue-query"}': "1x20",
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

const lastUsed = (secret: string): string =>
  `takings_signature_secret_last_used_timestamp_seconds{secret="${secret}"}`;
const verified = (values: string): Record<string, string> => ({
  takings_signature_skew_seconds_count: values,
});
const skew = (quick: string, all: string): Record<string, string> => ({
  'takings_signature_skew_seconds_bucket{instance="a", le="1"}': quick,
  'takings_signature_skew_seconds_bucket{instance="a", le="30"}': quick,
  'takings_signature_skew_seconds_bucket{instance="a", le="60"}': all,
  'takings_signature_skew_seconds_bucket{instance="a", le="+Inf"}': all,
});

const trustCases: readonly AlertCase[] = [
  fires("TakingsDurabilityBroken", {
    when: "one of two ingresses sees it broken",
    series: {
      'takings_durability_ok{instance="a"}': "1x20",
      'takings_durability_ok{instance="b"}': "1x5 0x15",
    },
    at: "10m",
  }),
  isSilent("TakingsDurabilityBroken", {
    when: "an ingress has only just started and not looked yet",
    series: consumers({ durability_ok: "0 1x20" }),
    at: "10m",
  }),
  fires("TakingsNoValidSignature", {
    when: "everything is refused",
    series: { ...verified("100x60"), ...requests("bad_signature", "0+1x60") },
    at: "45m",
  }),
  isSilent("TakingsNoValidSignature", {
    when: "strangers are refused and Stripe is not",
    series: { ...verified("0+1x60"), ...requests("bad_signature", "0+50x60") },
    at: "45m",
  }),
  fires("TakingsSignatureFailures", {
    when: "as many are refused as verify",
    series: { ...verified("0+10x60"), ...requests("bad_timestamp", "0+10x60") },
    at: "30m",
  }),
  isSilent("TakingsSignatureFailures", {
    when: "one in ten is refused",
    series: { ...verified("0+90x60"), ...requests("bad_signature", "0+10x60") },
    at: "30m",
  }),
  isSilent("TakingsSignatureFailures", {
    when: "a single event is refused",
    series: { ...verified("0x60"), ...requests("bad_signature", "0x20 1x40") },
    at: "30m",
  }),
  fires("TakingsClockSkew", {
    when: "signatures seem to be made 40 seconds ago",
    series: skew("0x60", "0+10x60"),
    at: "30m",
  }),
  isSilent("TakingsClockSkew", {
    when: "one of ten comes late",
    series: skew("0+9x60", "0+10x60"),
    at: "30m",
  }),
  fires("TakingsOldSecretInUse", {
    when: "a second secret came into use four days ago, and the first one still is",
    series: {
      [lastUsed("old")]: "0+3600x400",
      [lastUsed("new")]: "0x240 864000+3600x160",
    },
    at: "336h",
    every: "1h",
  }),
  isSilent("TakingsOldSecretInUse", {
    when: "the new secret took over within a day",
    series: {
      [lastUsed("old")]: "0+3600x264 950400x136",
      [lastUsed("new")]: "0x240 864000+3600x160",
    },
    at: "336h",
    every: "1h",
  }),
  isSilent("TakingsOldSecretInUse", {
    when: "two endpoints have always had a secret each",
    series: { [lastUsed("one")]: "0+3600x400", [lastUsed("two")]: "0+3600x400" },
    at: "336h",
    every: "1h",
  }),
  fires("TakingsReconcileStale", {
    when: "one account was not compared for three days",
    series: {
      'takings_reconcile_complete_through_timestamp_seconds{account=""}': "0+3600x100",
      'takings_reconcile_complete_through_timestamp_seconds{account="acct_1"}': "0x100",
    },
    at: "72h",
    every: "1h",
  }),
  isSilent("TakingsReconcileStale", {
    when: "it is compared every day",
    series: consumers({ reconcile_complete_through_timestamp_seconds: "0x24 86400x24 172800x60" }),
    at: "72h",
    every: "1h",
  }),
  fires("TakingsReconcileMissing", {
    when: "something is missing for hours",
    series: consumers({ reconcile_missing: "0x10 2x200", reconcile_different: "0x210" }),
    at: "120m",
  }),
  isSilent("TakingsReconcileMissing", {
    when: "what was missing came in within minutes",
    series: consumers({ reconcile_missing: "2x10 0x200", reconcile_different: "0x210" }),
    at: "120m",
  }),
];

export const alertCases: readonly AlertCase[] = [...serviceLevelCases, ...processingCases, ...trustCases];
