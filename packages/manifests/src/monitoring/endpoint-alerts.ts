import type { Alert } from "./alert.ts";

/** Whether a condition does not hold. There is one watch for each source. */
const fails = (condition: string): string =>
  `min by (namespace, source) (takings_endpoint_condition{condition="${condition}"}) == 0`;

/** Alerts about the webhook endpoint at Stripe. They are silent where `takings endpoint watch` does not run. */
export const endpointAlerts: readonly Alert[] = [
  {
    name: "TakingsEndpointDisabled",
    severity: "page",
    // The watch enables it within a minute, so that this is what it could not do.
    for: "3m",
    expr: fails("Enabled"),
    summary: "Stripe sends no events of source {{ $labels.source }}: there is no enabled endpoint.",
    description:
      "For three minutes the watch has not been able to enable or create the webhook endpoint. Read its log " +
      "line endpoint_not_checked; run takings reconcile afterwards.",
  },
  {
    name: "TakingsEndpointWasDisabled",
    severity: "ticket",
    for: "1m",
    expr: `sum by (namespace, source) (increase(takings_endpoint_changes_total{change="enable"}[1h])) > 0`,
    summary: "The webhook endpoint of source {{ $labels.source }} was disabled and has been enabled again.",
    description:
      "Stripe does not send what happened in between. Stripe disables an endpoint after days of failed " +
      "deliveries: run takings reconcile, then find out why they failed.",
  },
  {
    name: "TakingsEndpointTypesMissing",
    severity: "page",
    for: "5m",
    expr: fails("TypesComplete"),
    summary: "The webhook endpoint of source {{ $labels.source }} does not receive all event types.",
    description:
      "Payments, refunds or disputes are not counted while their events are not sent. The watch could not " +
      "correct it for five minutes: read its log line endpoint_not_checked.",
  },
  {
    name: "TakingsEndpointVersionNotPinned",
    severity: "ticket",
    for: "15m",
    expr: fails("VersionPinned"),
    summary: "The webhook endpoint of source {{ $labels.source }} sends another API version.",
    description:
      "This release is tested with one API version. The watch replaces such an endpoint, and could not for " +
      "15 minutes: read its log line endpoint_not_checked.",
  },
  {
    name: "TakingsEndpointSecretNotLive",
    severity: "page",
    for: "5m",
    expr: fails("SecretLive"),
    summary: "Ingress does not have the secret of the webhook endpoint of source {{ $labels.source }}.",
    description:
      "Its deliveries are answered with 400, and Stripe disables the endpoint after days. The watch replaces " +
      "it, and could not for five minutes: read its log line endpoint_not_checked.",
  },
  {
    name: "TakingsEndpointWatchStale",
    severity: "ticket",
    for: "5m",
    // A process that has gone leaves no series, but those of the last hour.
    expr: [
      `time() - max by (namespace, source) (`,
      `  max_over_time(takings_endpoint_checked_timestamp_seconds[1h])`,
      `) > 600`,
    ].join("\n"),
    summary: "Nobody looks after the webhook endpoint of source {{ $labels.source }}.",
    description:
      "takings endpoint watch has not completed a check for 10 minutes, so a disabled or wrong endpoint goes " +
      "unnoticed. Read its log line endpoint_not_checked.",
  },
];
