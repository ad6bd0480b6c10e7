import type { Alert } from "./alert.ts";

const refused = (window: string): string =>
  `sum by (namespace) (increase(takings_webhook_requests_total{outcome=~"bad_signature|bad_timestamp"}[${window}]))`;
const verified = (window: string): string =>
  `sum by (namespace) (increase(takings_signature_skew_seconds_count[${window}]))`;
/** Secrets that verified an event within the day before a moment. */
const secretsInUse = (offset: string, before: string): string =>
  `count by (namespace) (max by (namespace, secret) (takings_signature_secret_last_used_timestamp_seconds${offset}) > time() - ${before})`;
const daySeconds = 86_400;
/** Each account is compared by itself; every revenue-query reports all of them. */
const perLedgerScope = (metric: string): string => `max by (namespace, account, livemode) (${metric})`;

/** Causes that make a 2xx, or what follows from it, worth less than it says. */
export const integrityAlerts: readonly Alert[] = [
  {
    name: "TakingsDurabilityBroken",
    severity: "page",
    for: "1m",
    expr: `min by (namespace) (takings_durability_ok) == 0`,
    summary: "The stream or its server might lose what it confirms; ingress answers 503 until it is mended.",
  },
  {
    name: "TakingsNoValidSignature",
    severity: "page",
    for: "5m",
    expr: `${refused("30m")} >= 5\nand ${verified("30m")} == 0`,
    summary: "Events arrive and not one of them verifies: a wrong secret or a wrong clock.",
  },
  {
    name: "TakingsSignatureFailures",
    severity: "ticket",
    for: "5m",
    expr: `${refused("15m")} >= 20\nand ${refused("15m")} > 0.25 * ${verified("15m")}`,
    summary: "{{ $value | humanize }} events in 15 minutes were refused for their signature.",
  },
  {
    name: "TakingsClockSkew",
    severity: "ticket",
    for: "10m",
    expr: `histogram_quantile(0.5, sum by (namespace, instance, le) (rate(takings_signature_skew_seconds_bucket[10m]))) > 30`,
    summary:
      "The clock of {{ $labels.instance }} is half a minute off Stripe's; at 300 s every event is refused.",
  },
  {
    name: "TakingsOldSecretInUse",
    severity: "ticket",
    // Stripe signs with a rolled secret for 24 hours at most, https://docs.stripe.com/webhooks/signature
    for: "2d",
    expr: `${secretsInUse("", `${daySeconds}`)}\n> ${secretsInUse(" offset 7d", `${8 * daySeconds}`)}`,
    summary: "More signing secrets are in use than a week ago: the rotation of one was not finished.",
  },
  {
    name: "TakingsReconcileStale",
    severity: "ticket",
    for: "10m",
    expr: `time() - ${perLedgerScope("takings_reconcile_complete_through_timestamp_seconds")} > ${2 * daySeconds}`,
    summary: "For two days nothing was compared with what Stripe itself says.",
  },
  {
    name: "TakingsReconcileMissing",
    severity: "page",
    for: "1h",
    expr: `(${perLedgerScope("takings_reconcile_missing")} + ${perLedgerScope("takings_reconcile_different")}) > 0`,
    summary: "Stripe knows of {{ $value }} objects that the ledger lacks or holds differently.",
  },
  {
    name: "TakingsGaps",
    severity: "ticket",
    for: "10m",
    expr: `sum by (namespace) (max by (namespace, kind) (takings_gaps)) > 0`,
    summary: "Events prove {{ $value }} payments or refunds that no event counts: totals are wrong by them.",
  },
  {
    name: "TakingsRecordingStuck",
    severity: "page",
    for: "1m",
    expr: `max by (namespace) (takings_oldest_recording_seconds) > 60`,
    summary:
      "A recording has been in progress for {{ $value | humanizeDuration }}; every question gets 503 until it ends.",
  },
  {
    name: "TakingsRecordedTimeAhead",
    severity: "ticket",
    for: "10m",
    expr: `max by (namespace) (takings_recorded_time_ahead_seconds) > 60`,
    summary: "The database's clock is behind what was recorded before: it is, or was, wrong.",
  },
];
