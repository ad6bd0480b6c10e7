import type { Alert } from "./alert.ts";

const refused = (window: string): string =>
  `sum by (namespace, source) (increase(takings_webhook_requests_total{outcome=~"bad_signature|bad_timestamp"}[${window}]))`;
/** Those up to 300 s are valid. */
const verified = (window: string): string =>
  `sum by (namespace, source) (increase(takings_signature_skew_seconds_bucket{le=~"300|300.0"}[${window}]))`;
/** The number of secrets that verified an event in the given period before an offset. */
const secretsInUse = (offset: string, before: string): string =>
  `count by (namespace, source) (max by (namespace, source, secret) (takings_signature_secret_last_used_timestamp_seconds${offset}) > time() - ${before})`;
const daySeconds = 86_400;
/** One series per ledger scope; every revenue-query process reports all scopes. */
const perLedgerScope = (metric: string): string =>
  `max by (namespace, source, account, livemode) (${metric})`;

/** Alerts about durability, authenticity and completeness: what a 2xx and a total rely on. */
export const integrityAlerts: readonly Alert[] = [
  {
    name: "TakingsDurabilityBroken",
    severity: "page",
    for: "1m",
    expr: `min by (namespace) (takings_durability_ok) == 0`,
    summary: "Ingress answers 503 to every webhook: the stream or its server is not durable.",
    description:
      "For more than a minute a durability check has failed in {{ $labels.namespace }}. No event is " +
      "lost; Stripe retries for three days. Read the log line durability_broken of ingress: it " +
      "names each failed check and the fix.",
  },
  {
    name: "TakingsNoValidSignature",
    severity: "page",
    for: "5m",
    expr: `${refused("30m")} >= 5\nand ${verified("30m")} == 0`,
    summary:
      "No webhook of source {{ $labels.source }} has passed signature verification for 30 minutes; " +
      "{{ $value | humanize }} were refused.",
    description:
      "The signing secret or the clock of ingress in {{ $labels.namespace }} is probably wrong. " +
      "Stripe retries for three days. Compare STRIPE_WEBHOOK_SECRETS, or the secrets of the source " +
      "in STRIPE_SOURCES_FILE, with the secret of the endpoint, then check the clock of the node.",
  },
  {
    name: "TakingsSignatureFailures",
    severity: "ticket",
    for: "5m",
    expr: `${refused("15m")} >= 20\nand ${refused("15m")} > 0.25 * ${verified("15m")}`,
    summary:
      "{{ $value | humanize }} webhooks of source {{ $labels.source }} failed signature verification in " +
      "15 minutes; others passed.",
    description:
      "Either someone other than Stripe sends requests to {{ $labels.namespace }}, or the secret of " +
      "one endpoint is not configured. Check whether Stripe reports failed deliveries for one of " +
      "its endpoints.",
  },
  {
    name: "TakingsClockSkew",
    severity: "ticket",
    for: "10m",
    expr: `histogram_quantile(0.5, sum by (namespace, instance, le) (rate(takings_signature_skew_seconds_bucket[10m]))) > 30`,
    summary: "The clock of {{ $labels.instance }} differs from Stripe's by {{ $value | humanizeDuration }}.",
    description:
      "The median difference has been above 30 s for 10 minutes (shown up to 300 s). Above 300 s " +
      "this pod refuses every webhook with 400. Check time synchronization on the node of this pod.",
  },
  {
    name: "TakingsOldSecretInUse",
    severity: "ticket",
    // Stripe signs with a rolled secret for 24 hours at most, https://docs.stripe.com/webhooks/signature
    for: "2d",
    expr: `${secretsInUse("", `${daySeconds}`)}\n> ${secretsInUse(" offset 7d", `${8 * daySeconds}`)}`,
    summary:
      "More signing secrets of source {{ $labels.source }} are in use than a week ago: a rotation may be unfinished.",
    description:
      "For two days {{ $value }} signing secrets have verified events in {{ $labels.namespace }}. " +
      "Compare their fingerprints with the configured secrets and roll the secret of the endpoint " +
      "that still uses the old one.",
  },
  {
    name: "TakingsReconcileStale",
    severity: "ticket",
    for: "10m",
    expr: `time() - ${perLedgerScope("takings_reconcile_complete_through_timestamp_seconds")} > ${2 * daySeconds}`,
    summary:
      "Not reconciled with Stripe for {{ $value | humanizeDuration }}: source {{ $labels.source }}, account " +
      '{{ or $labels.account "platform" }}, livemode {{ $labels.livemode }}.',
    description:
      "Events that Stripe never delivered go unnoticed until a run succeeds. Check the last job and " +
      "the log of takings reconcile.",
  },
  {
    name: "TakingsReconcileMissing",
    severity: "page",
    for: "1h",
    expr: `(${perLedgerScope("takings_reconcile_missing")} + ${perLedgerScope("takings_reconcile_different")}) > 0`,
    summary:
      "The ledger differs from Stripe in {{ $value }} objects: source {{ $labels.source }}, account " +
      '{{ or $labels.account "platform" }}, livemode {{ $labels.livemode }}.',
    description:
      "For an hour the ledger has lacked these objects or had them with another amount or currency, " +
      "so totals are wrong. Run takings reconcile --json to list them.",
  },
  {
    name: "TakingsGaps",
    severity: "ticket",
    for: "10m",
    expr: `sum by (namespace) (max by (namespace, kind, source) (takings_gaps)) > 0`,
    summary: "Totals are incomplete: {{ $value }} payments or refunds are known only from other events.",
    description:
      "Their own events have been missing for more than an hour in {{ $labels.namespace }}. List " +
      "them with GET /v1/gaps, then run takings reconcile to fetch them from Stripe.",
  },
  {
    name: "TakingsRecordingStuck",
    severity: "page",
    for: "1m",
    expr: `max by (namespace) (takings_oldest_recording_seconds) > 60`,
    summary:
      "Revenue queries are answered with 503: a recording transaction has been open for " +
      "{{ $value | humanizeDuration }}.",
    description:
      "Events are still accepted in {{ $labels.namespace }}. Find the session with the query in the " +
      "runbook. If it waits for SyncRep, repair the standby; otherwise terminate the session.",
  },
  {
    name: "TakingsRecordedTimeAhead",
    severity: "ticket",
    for: "10m",
    expr: `max by (namespace) (takings_recorded_time_ahead_seconds) > 60`,
    summary: "Recorded time is {{ $value | humanizeDuration }} ahead of the database clock.",
    description:
      "The database clock is wrong now or was wrong before. Query results are correct, but as_of " +
      "and recorded_at differ from the time of day. Check time synchronization on the database " +
      "host.",
  },
];
