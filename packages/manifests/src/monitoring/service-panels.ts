import { type Panels, timeseries } from "./panels.ts";
import { quantile, rate } from "./promql.ts";
import { range, rangeWithExemplars } from "./queries.ts";

// Rate, errors and duration of each service.

const quantiles = [0.5, 0.99];

export const ingress = (): Panels => [
  timeseries({
    title: "Webhooks by outcome",
    about: "Only stored and duplicate are answered with 200.",
    unit: "reqps",
    queries: [range(`sum by (outcome) (${rate("takings_webhook_requests_total")})`, "{{outcome}}")],
  }),
  timeseries({
    title: "Error rate",
    about: "Share of all requests. 5xx: not stored, Stripe retries. 4xx: not an authentic event.",
    unit: "percentunit",
    queries: [
      ["overloaded|unavailable|failed", "5xx"],
      ["bad_signature|bad_timestamp|not_an_event|bad_request|too_large|compressed|unknown_source", "4xx"],
    ].map(([outcomes, legend = ""]) =>
      range(
        `sum(${rate("takings_webhook_requests_total", `outcome=~"${outcomes}"`)}) / sum(${rate("takings_webhook_requests_total")})`,
        legend,
      ),
    ),
  }),
  timeseries({
    title: "Response time",
    about:
      "From request headers to response, including the durable publish. Points are exemplars that link to traces.",
    unit: "s",
    redFrom: 1,
    queries: quantiles.map((q) =>
      rangeWithExemplars(quantile(q, "takings_webhook_duration_seconds"), `p${q * 100}`),
    ),
  }),
];

export const consumer = (): Panels => [
  timeseries({
    title: "Events processed",
    about: "Committed events of the ten most frequent types, failed attempts, and quarantined events.",
    unit: "ops",
    queries: [
      range(`topk(10, sum by (type) (${rate("takings_events_processed_total")}))`, "{{type}}"),
      range(`sum by (reason) (${rate("takings_events_failed_total")})`, "failed: {{reason}}"),
      range(`sum by (reason) (${rate("takings_events_quarantined_total")})`, "quarantined: {{reason}}"),
    ],
  }),
  timeseries({
    title: "Batch duration",
    about: "From pull to COMMIT. Seconds: the database is slow.",
    unit: "s",
    queries: quantiles.map((q) =>
      range(quantile(q, "takings_event_processing_duration_seconds"), `p${q * 100}`),
    ),
  }),
  timeseries({
    title: "Batch size",
    about: "Events per batch. Batches grow with load.",
    unit: "short",
    queries: quantiles.map((q) => range(quantile(q, "takings_batch_size"), `p${q * 100}`)),
  }),
];

export const revenueQuery = (): Panels => [
  timeseries({
    title: "API requests",
    about: "Requests by route.",
    unit: "reqps",
    queries: [range(`sum by (route) (${rate("takings_query_duration_seconds_count")})`, "{{route}}")],
  }),
  timeseries({
    title: "Responses by status",
    about: "5xx: the database does not respond in time.",
    unit: "reqps",
    queries: [range(`sum by (status) (${rate("takings_query_duration_seconds_count")})`, "{{status}}")],
  }),
  timeseries({
    title: "Response time",
    about: "Exports of whole lists (CSV, NDJSON) have their own routes.",
    unit: "s",
    queries: quantiles.map((q) => range(quantile(q, "takings_query_duration_seconds"), `p${q * 100}`)),
  }),
];
