import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard } from "./dashboard.ts";
import {
  entriesOfEvent,
  hourAgainstLastWeek,
  netByHour,
  netByHourLastWeek,
  oneEvent,
  quarantined,
} from "./dashboard-sql.ts";
import { logLines, type Panels, stat, table, timeseries, traceTable } from "./panels.ts";
import { logs, now, range, sql, traces } from "./queries.ts";
import { quantile, rate } from "./promql.ts";
import { serviceLevels, shareOf } from "./service-levels.ts";

/** What whoever answers for the money looks at: is it all there, is it fresh, and what about this one event. */
export function takingsDashboard(): Dashboard {
  return dashboard("takings", "Takings", [
    ["Now", nowPanels()],
    ["Money", moneyPanels()],
    ["Acceptance and freshness", durabilityPanels()],
    ["One event", eventPanels()],
  ]);
}

function nowPanels(): Panels {
  return [
    stat({
      title: "Alerts",
      about: "Alerts of Takings that are firing. Each has a runbook.",
      unit: "short",
      width: 3,
      redFrom: 1,
      queries: [now(`count(ALERTS{alertname=~"Takings.*", alertstate="firing"}) or vector(0)`, "firing")],
    }),
    stat({
      title: "Durability",
      about: "1 while the stream and its server keep what they confirm. At 0 every webhook gets 503.",
      unit: "short",
      width: 3,
      redBelow: 1,
      queries: [now(`min(takings_durability_ok{namespace=~"$namespace"})`, "")],
    }),
    stat({
      title: "Oldest event not committed",
      about: "How far the ledger is behind the stream.",
      unit: "s",
      width: 3,
      redFrom: 60,
      queries: [now(`max(takings_oldest_unprocessed_seconds{namespace=~"$namespace"})`, "")],
    }),
    stat({
      title: "Waiting events",
      about: "On the stream and not committed: not delivered yet, or delivered and not acknowledged.",
      unit: "short",
      width: 3,
      redFrom: 1_000,
      queries: [now(`max(takings_consumer_pending{namespace=~"$namespace"})`, "")],
    }),
    ...missingPanels(),
    stat({
      title: "Stream usage",
      about: "Of what it may hold. A full stream refuses, and so does ingress.",
      unit: "percentunit",
      redFrom: 0.8,
      queries: [
        now(
          `max(takings_stream_bytes{namespace=~"$namespace"} / takings_stream_limit_bytes{namespace=~"$namespace"})`,
          "",
        ),
      ],
    }),
  ];
}

/** What no total holds although it came, or although something that came proves it. */
function missingPanels(): Panels {
  return [
    stat({
      title: "Quarantined",
      about: "Events that should count and could not be understood, and that nobody has settled yet.",
      unit: "short",
      width: 3,
      redFrom: 1,
      queries: [now(`max(takings_quarantine_open{namespace=~"$namespace"})`, "")],
    }),
    stat({
      title: "Gaps",
      about:
        "Payments and refunds that an event proves and none counts. Which they are: GET /v1/gaps. Totals lack them.",
      unit: "short",
      width: 5,
      redFrom: 1,
      queries: ["payment", "refund"].map((kind) =>
        now(`max(takings_gaps{kind="${kind}", namespace=~"$namespace"})`, `${kind}s`),
      ),
    }),
  ];
}

function moneyPanels(): Panels {
  return [
    table({
      title: "Net revenue: last 60 minutes and a week earlier",
      about: "By currency, in major units; currencies are never added together.",
      width: 8,
      queries: [sql(hourAgainstLastWeek, "table")],
    }),
    timeseries({
      title: "Net revenue by hour",
      about: "By currency; beside it the week before.",
      unit: "short",
      width: 16,
      queries: [sql(netByHour, "time_series"), sql(netByHourLastWeek, "time_series")],
    }),
  ];
}

function durabilityPanels(): Panels {
  return [
    timeseries({
      title: "Webhooks by outcome",
      about: "Only stored and duplicate were answered with 200. unavailable: Stripe sends it again.",
      unit: "reqps",
      queries: [range(`sum by (outcome) (${rate("takings_webhook_requests_total")})`, "{{outcome}}")],
    }),
    timeseries({
      title: "Freshness",
      about: "From Stripe's clock to COMMIT. Points are exemplars: each leads to the trace of one event.",
      unit: "s",
      redFrom: 60,
      queries: [0.5, 0.99].map((q) => range(quantile(q, "takings_event_freshness_seconds"), `p${q * 100}`)),
    }),
    timeseries({
      title: "Budget burn of the last 6 hours",
      about: "1 uses up the error budget of 30 days in 30 days; above 6 somebody is paged.",
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
      title: "Lag",
      about: "Events on the stream that are not committed, as the durable's leader counts them.",
      unit: "short",
      queries: [
        range(`max(takings_consumer_pending{namespace=~"$namespace"})`, "waiting"),
        range(`max(takings_consumer_ack_pending{namespace=~"$namespace"})`, "of these in flight"),
      ],
    }),
    timeseries({
      title: "Duplicates",
      about:
        "Events that came again: the stream knew them (ingress), or the database did (consumer). None counts.",
      unit: "ops",
      queries: [
        range(
          `sum by (service) (${rate("takings_events_duplicate_total")} * on (instance, job) group_left (service) takings_build_info)`,
          "{{service}}",
        ),
      ],
    }),
    table({
      title: "Quarantined events",
      about: "Of the time shown. The id leads to the event as it was received.",
      width: 8,
      queries: [sql(quarantined, "table")],
    }),
  ];
}

function eventPanels(): Panels {
  return [
    table({
      title: "$event_id",
      about: "The event named above, in the store.",
      queries: [sql(oneEvent, "table")],
    }),
    table({
      title: "Ledger entries",
      about: "The entries of which this event is the deciding one.",
      queries: [sql(entriesOfEvent, "table")],
    }),
    traceTable({
      title: "Traces",
      about: "From the request to the SQL, if it was sampled; what went wrong with it always is.",
      width: 12,
      queries: [traces(`{ span.messaging.message.id = "$event_id" }`)],
    }),
    logLines({
      title: "Logs",
      about: "Optional: needs Loki. The same from a terminal: kubectl logs … | grep EVENT_ID",
      width: 12,
      queries: [logs(`{namespace=~"$namespace"} |= \`$event_id\` | json`)],
    }),
  ];
}
