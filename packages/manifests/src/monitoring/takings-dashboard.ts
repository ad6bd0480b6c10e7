import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard } from "./dashboard.ts";
import { hourAgainstLastWeek, netByHour, netByHourLastWeek, quarantined } from "./dashboard-sql.ts";
import { endpointPanels } from "./endpoint-panels.ts";
import { eventPanels, logPanels } from "./event-panels.ts";
import { eventTable, type Panels, stat, table, timeseries } from "./panels.ts";
import { now, range, rangeWithExemplars, sql } from "./queries.ts";
import { quantile, rate } from "./promql.ts";
import { serviceLevels, shareOf } from "./service-levels.ts";
import * as variables from "./variables.ts";

/** For the owner of the revenue figures: completeness, freshness, and the state of one event. */
export function takingsDashboard(): Dashboard {
  const { prometheus, postgres, tempo, loki, namespace, livemode, source, account, page, eventId } =
    variables;
  return dashboard({
    uid: "takings",
    title: "Takings",
    variables: [prometheus, postgres, tempo, loki, namespace, livemode, source, account, page, eventId],
    views: { "Revenue on the page": "/" },
    rows: [
      { title: "Current state", panels: nowPanels() },
      { title: "Revenue", panels: moneyPanels() },
      { title: "Acceptance and freshness", panels: durabilityPanels() },
      { title: "Event lookup", panels: eventPanels() },
      { title: "Logs of the event (needs Loki)", panels: logPanels(), collapsed: true },
    ],
  });
}

function nowPanels(): Panels {
  return [
    stat({
      title: "Firing alerts",
      about: "Alerts of Takings that are firing. Each has a runbook.",
      unit: "short",
      width: 3,
      redFrom: 1,
      queries: [
        now(
          `count(ALERTS{namespace=~"$namespace", alertname=~"Takings.*", alertstate="firing"}) or vector(0)`,
          "firing",
        ),
      ],
    }),
    stat({
      title: "Durability",
      about: "1: all durability checks pass. 0: ingress answers 503 to every webhook.",
      unit: "short",
      width: 3,
      redBelow: 1,
      queries: [now(`min(takings_durability_ok{namespace=~"$namespace"})`, "")],
    }),
    stat({
      title: "Age of the oldest uncommitted event",
      about: "How far the ledger is behind the stream.",
      unit: "s",
      width: 3,
      redFrom: 60,
      queries: [now(`max(takings_oldest_unprocessed_seconds{namespace=~"$namespace"})`, "")],
    }),
    stat({
      title: "Waiting events",
      about: "Not committed: not delivered yet, or delivered and not acknowledged.",
      unit: "short",
      width: 3,
      redFrom: 1_000,
      queries: [now(`max(takings_consumer_pending{namespace=~"$namespace"})`, "")],
    }),
    ...missingPanels(),
    stat({
      title: "Stream usage",
      about: "Share of max_bytes. When the stream is full, ingress answers 503.",
      unit: "percentunit",
      redFrom: 0.8,
      queries: [
        now(
          `max(takings_stream_bytes{namespace=~"$namespace"} / takings_stream_limit_bytes{namespace=~"$namespace"})`,
          "",
        ),
      ],
    }),
    ...endpointPanels(),
  ];
}

/** What is missing from totals: events in quarantine, and gaps. */
function missingPanels(): Panels {
  return [
    stat({
      title: "Quarantined",
      about: "Events that could not be interpreted and are neither replayed nor dismissed. Totals lack them.",
      unit: "short",
      width: 3,
      redFrom: 1,
      queries: [now(`sum(max by (source) (takings_quarantine_open{namespace=~"$namespace"}))`, "")],
    }),
    stat({
      title: "Gaps",
      about: "Payments and refunds known only from other events. Totals lack them. GET /v1/gaps lists them.",
      unit: "short",
      width: 5,
      redFrom: 1,
      queries: ["payment", "refund"].map((kind) =>
        now(`sum(max by (source) (takings_gaps{kind="${kind}", namespace=~"$namespace"}))`, `${kind}s`),
      ),
    }),
  ];
}

function moneyPanels(): Panels {
  return [
    table({
      title: "Net revenue: last 60 minutes and a week earlier",
      about: "By currency, in major units. Currencies are never added together.",
      width: 8,
      queries: [sql(hourAgainstLastWeek, "table")],
    }),
    timeseries({
      title: "Net revenue by hour",
      about: "By currency, with the same hours of the week before.",
      unit: "short",
      width: 16,
      fromZero: false,
      queries: [sql(netByHour, "time_series"), sql(netByHourLastWeek, "time_series")],
    }),
  ];
}

function durabilityPanels(): Panels {
  return [
    timeseries({
      title: "Webhooks by outcome",
      about: "Only stored and duplicate are answered with 200. Stripe retries everything answered with 5xx.",
      unit: "reqps",
      queries: [range(`sum by (outcome) (${rate("takings_webhook_requests_total")})`, "{{outcome}}")],
    }),
    timeseries({
      title: "Freshness",
      about: "From creation at Stripe to COMMIT. Points are exemplars that link to traces.",
      unit: "s",
      redFrom: 60,
      queries: [0.5, 0.99].map((q) =>
        rangeWithExemplars(quantile(q, "takings_event_freshness_seconds"), `p${q * 100}`),
      ),
    }),
    timeseries({
      title: "Error budget burn rate, 6 hours",
      about: "1: the 30-day error budget lasts 30 days. Above 6 an alert fires.",
      unit: "short",
      redFrom: 1,
      queries: serviceLevels.map((level) =>
        range(
          `max(${shareOf(level, "6h")}{namespace=~"$namespace"}) / ${Number((1 - level.objective).toPrecision(6))}`,
          level.name,
        ),
      ),
    }),
    timeseries({
      title: "Backlog",
      about: "Events on the stream that are not committed, as reported by the leader of the durable.",
      unit: "short",
      queries: [
        range(`max(takings_consumer_pending{namespace=~"$namespace"})`, "waiting"),
        range(`max(takings_consumer_ack_pending{namespace=~"$namespace"})`, "in flight"),
      ],
    }),
    timeseries({
      title: "Duplicates",
      about:
        "Events delivered more than once, recognized by the stream (ingress) or the database (consumer). Counted once.",
      unit: "ops",
      queries: [
        range(
          `sum by (service) (${rate("takings_events_duplicate_total")} * on (instance, job) group_left (service) takings_build_info{namespace=~"$namespace"})`,
          "{{service}}",
        ),
      ],
    }),
    eventTable({
      title: "Quarantined events",
      about: "Created in the selected time range. The id looks up the event in the row below.",
      width: 8,
      queries: [sql(quarantined, "table")],
    }),
  ];
}
