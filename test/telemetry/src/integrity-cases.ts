import { type AlertCase, fires, gauges, isSilent, requests } from "./alert-case.ts";

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

export const integrityCases: readonly AlertCase[] = [
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
    series: gauges({ durability_ok: "0 1x20" }),
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
    series: gauges({ reconcile_complete_through_timestamp_seconds: "0x24 86400x24 172800x60" }),
    at: "72h",
    every: "1h",
  }),
  fires("TakingsReconcileMissing", {
    when: "something is missing for hours",
    series: gauges({ reconcile_missing: "0x10 2x200", reconcile_different: "0x210" }),
    at: "120m",
  }),
  isSilent("TakingsReconcileMissing", {
    when: "what was missing came in within minutes",
    series: gauges({ reconcile_missing: "2x10 0x200", reconcile_different: "0x210" }),
    at: "120m",
  }),
  fires("TakingsGaps", {
    when: "one consumer of two shows a payment that no event counts",
    series: {
      'takings_gaps{instance="a", kind="payment"}': "0x5 1x20",
      'takings_gaps{instance="a", kind="refund"}': "0x25",
      'takings_gaps{instance="b", kind="payment"}': "0x25",
      'takings_gaps{instance="b", kind="refund"}': "0x25",
    },
    at: "20m",
  }),
  isSilent("TakingsGaps", {
    when: "the last one is closed, whatever there was",
    series: { 'takings_gaps{kind="payment"}': "3x5 0x20", 'takings_gaps{kind="refund"}': "2x7 0x18" },
    at: "20m",
  }),
  fires("TakingsRecordingStuck", {
    when: "a recording does not end",
    series: gauges({ oldest_recording_seconds: "0x10 0+60x20" }),
    at: "20m",
  }),
  isSilent("TakingsRecordingStuck", {
    when: "recordings come and go",
    series: gauges({ oldest_recording_seconds: "0x5 16 0x5 16 0x20" }),
    at: "20m",
  }),
  fires("TakingsRecordedTimeAhead", {
    when: "the clock was set back by an hour",
    series: gauges({ recorded_time_ahead_seconds: "0x10 3600-60x30" }),
    at: "30m",
  }),
  isSilent("TakingsRecordedTimeAhead", {
    when: "the clock was set back by half a second",
    series: gauges({ recorded_time_ahead_seconds: "0x10 0.5 0x30" }),
    at: "30m",
  }),
];
