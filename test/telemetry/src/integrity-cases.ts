import { type AlertCase, casesOf, fires, gauges, isSilent, requests } from "./alert-case.ts";

const lastUsed = (secret: string): string =>
  `takings_signature_secret_last_used_timestamp_seconds{source="default",secret="${secret}"}`;
const verified = (values: string, source = "default"): Record<string, string> => ({
  [`takings_signature_skew_seconds_bucket{le="300", source="${source}"}`]: values,
});
const skew = (quick: string, all: string): Record<string, string> => ({
  'takings_signature_skew_seconds_bucket{instance="a", le="1"}': quick,
  'takings_signature_skew_seconds_bucket{instance="a", le="30"}': quick,
  'takings_signature_skew_seconds_bucket{instance="a", le="60"}': all,
  'takings_signature_skew_seconds_bucket{instance="a", le="+Inf"}': all,
});

export const integrityCases: readonly AlertCase[] = [
  ...casesOf("TakingsDurabilityBroken", { at: "10m" }, [
    fires("one of two ingresses sees it broken", {
      'takings_durability_ok{instance="a"}': "1x20",
      'takings_durability_ok{instance="b"}': "1x5 0x15",
    }),
    isSilent("an ingress has only just started and not looked yet", gauges({ durability_ok: "0 1x20" })),
  ]),
  ...casesOf("TakingsNoValidSignature", { at: "45m" }, [
    fires("everything is refused", { ...verified("100x60"), ...requests("bad_signature", "0+1x60") }),
    fires("everything of one source is refused, and nothing of another one", {
      ...verified("100x60", "shop-eu"),
      ...requests("bad_signature", "0+1x60", "shop-eu"),
      ...verified("0+10x60"),
      ...requests("bad_signature", "0x60"),
    }),
    isSilent("strangers are refused and Stripe is not", {
      ...verified("0+1x60"),
      ...requests("bad_signature", "0+50x60"),
    }),
  ]),
  ...casesOf("TakingsSignatureFailures", { at: "30m" }, [
    fires("as many are refused as verify", {
      ...verified("0+10x60"),
      ...requests("bad_timestamp", "0+10x60"),
    }),
    isSilent("one in ten is refused", { ...verified("0+90x60"), ...requests("bad_signature", "0+10x60") }),
    isSilent("a single event is refused", { ...verified("0x60"), ...requests("bad_signature", "0x20 1x40") }),
  ]),
  ...casesOf("TakingsClockSkew", { at: "30m" }, [
    fires("signatures seem to be made 40 seconds ago", skew("0x60", "0+10x60")),
    fires("all signatures are refused as too old", {
      ...skew("0x60", "0x60"),
      'takings_signature_skew_seconds_bucket{instance="a", le="+Inf"}': "0+10x60",
    }),
    isSilent("one of ten comes late", skew("0+9x60", "0+10x60")),
  ]),
  ...casesOf("TakingsOldSecretInUse", { at: "336h", every: "1h" }, [
    fires("a second secret came into use four days ago, and the first one still is", {
      [lastUsed("old")]: "0+3600x400",
      [lastUsed("new")]: "0x240 864000+3600x160",
    }),
    isSilent("the new secret took over within a day", {
      [lastUsed("old")]: "0+3600x264 950400x136",
      [lastUsed("new")]: "0x240 864000+3600x160",
    }),
    isSilent("two endpoints have always had a secret each", {
      [lastUsed("one")]: "0+3600x400",
      [lastUsed("two")]: "0+3600x400",
    }),
  ]),
  ...casesOf("TakingsReconcileStale", { at: "72h", every: "1h" }, [
    fires("one account was not compared for three days", {
      'takings_reconcile_complete_through_timestamp_seconds{account=""}': "0+3600x100",
      'takings_reconcile_complete_through_timestamp_seconds{account="acct_1"}': "0x100",
    }),
    fires("one source of two was not compared for three days", {
      'takings_reconcile_complete_through_timestamp_seconds{source="default"}': "0+3600x100",
      'takings_reconcile_complete_through_timestamp_seconds{source="shop"}': "0x100",
    }),
    isSilent(
      "it is compared every day",
      gauges({ reconcile_complete_through_timestamp_seconds: "0x24 86400x24 172800x60" }),
    ),
  ]),
  ...casesOf("TakingsReconcileMissing", { at: "120m" }, [
    fires(
      "something is missing for hours",
      gauges({ reconcile_missing: "0x10 2x200", reconcile_different: "0x210" }),
    ),
    isSilent(
      "what was missing came in within minutes",
      gauges({ reconcile_missing: "2x10 0x200", reconcile_different: "0x210" }),
    ),
  ]),
  ...casesOf("TakingsGaps", { at: "20m" }, [
    fires("one consumer of two shows a payment that no event counts", {
      'takings_gaps{instance="a", kind="payment"}': "0x5 1x20",
      'takings_gaps{instance="a", kind="refund"}': "0x25",
      'takings_gaps{instance="b", kind="payment"}': "0x25",
      'takings_gaps{instance="b", kind="refund"}': "0x25",
    }),
    isSilent("the last one is closed, whatever there was", {
      'takings_gaps{kind="payment"}': "3x5 0x20",
      'takings_gaps{kind="refund"}': "2x7 0x18",
    }),
  ]),
  ...casesOf("TakingsRecordingStuck", { at: "20m" }, [
    fires("a recording does not end", gauges({ oldest_recording_seconds: "0x10 0+60x20" })),
    isSilent("recordings come and go", gauges({ oldest_recording_seconds: "0x5 16 0x5 16 0x20" })),
  ]),
  ...casesOf("TakingsRecordedTimeAhead", { at: "30m" }, [
    fires("the clock was set back by an hour", gauges({ recorded_time_ahead_seconds: "0x10 3600-60x30" })),
    isSilent(
      "the clock was set back by half a second",
      gauges({ recorded_time_ahead_seconds: "0x10 0.5 0x30" }),
    ),
  ]),
];
