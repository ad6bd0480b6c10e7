import { type Panels, timeseries } from "./panels.ts";
import { quantile, rate } from "./promql.ts";
import { range } from "./queries.ts";

// Rate, errors and duration of each service.

const quantiles = [0.5, 0.99];

export const ingress = (): Panels => [
  timeseries({
    title: "Requests",
    about: "Webhooks by what became of them.",
    unit: "reqps",
    queries: [range(`sum by (outcome) (${rate("takings_webhook_requests_total")})`, "{{outcome}}")],
  }),
  timeseries({
    title: "Rejected share",
    about: "Of all requests: what was answered with 5xx, and what was refused as no authentic event.",
    unit: "percentunit",
    queries: [
      ["overloaded|unavailable|failed", "5xx"],
      ["bad_signature|bad_timestamp|not_an_event|bad_request|too_large|compressed", "4xx"],
    ].map(([outcomes, legend = ""]) =>
      range(
        `sum(${rate("takings_webhook_requests_total", `outcome=~"${outcomes}"`)}) / sum(${rate("takings_webhook_requests_total")})`,
        legend,
      ),
    ),
  }),
  timeseries({
    title: "Response time",
    about: "From headers to answer, the synced publish included. Points are exemplars and lead to traces.",
    unit: "s",
    redFrom: 1,
    queries: quantiles.map((q) => range(quantile(q, "takings_webhook_duration_seconds"), `p${q * 100}`)),
  }),
];

export const consumer = (): Panels => [
  timeseries({
    title: "Events",
    about: "Committed, of the ten most frequent types, and what was tried in vain.",
    unit: "ops",
    queries: [
      range(`topk(10, sum by (type) (${rate("takings_events_processed_total")}))`, "{{type}}"),
      range(`sum by (reason) (${rate("takings_events_failed_total")})`, "failed: {{reason}}"),
      range(`sum by (reason) (${rate("takings_events_quarantined_total")})`, "quarantined: {{reason}}"),
    ],
  }),
  timeseries({
    title: "Batch duration",
    about: "From taking it to its COMMIT.",
    unit: "s",
    queries: quantiles.map((q) =>
      range(quantile(q, "takings_event_processing_duration_seconds"), `p${q * 100}`),
    ),
  }),
  timeseries({
    title: "Batch size",
    about: "Large batches are a busy consumer's way to keep up.",
    unit: "short",
    queries: quantiles.map((q) => range(quantile(q, "takings_batch_size"), `p${q * 100}`)),
  }),
];

export const revenueQuery = (): Panels => [
  timeseries({
    title: "API requests",
    about: "By route.",
    unit: "reqps",
    queries: [range(`sum by (route) (${rate("takings_query_duration_seconds_count")})`, "{{route}}")],
  }),
  timeseries({
    title: "Responses by status",
    about: "5xx: the database does not answer in time.",
    unit: "reqps",
    queries: [range(`sum by (status) (${rate("takings_query_duration_seconds_count")})`, "{{status}}")],
  }),
  timeseries({
    title: "Response time",
    about: "Streams of whole lists have routes of their own.",
    unit: "s",
    queries: quantiles.map((q) => range(quantile(q, "takings_query_duration_seconds"), `p${q * 100}`)),
  }),
];
