import { entriesOfEvent, oneEvent } from "./dashboard-sql.ts";
import { eventTable, logLines, type Panels, traceTable } from "./panels.ts";
import { logs, sql, traces } from "./queries.ts";

// Everything about the event of the variable `event_id`.

export function eventPanels(): Panels {
  return [
    eventTable({
      title: "Event $event_id",
      about: "The stored event of the variable event id.",
      units: { freshness: "s" },
      queries: [sql(oneEvent, "table")],
    }),
    eventTable({
      title: "Ledger entries",
      about: "Entries whose source event this is.",
      queries: [sql(entriesOfEvent, "table")],
    }),
    traceTable({
      title: "Traces",
      about:
        "From HTTP request to SQL, if sampled. Failures are always sampled. Of the variable source or of default.",
      width: 24,
      // The id of a message names its source, unless that is `default`.
      queries: [
        traces(
          `{ span.messaging.message.id = "$event_id" || span.messaging.message.id = "$source/$event_id" }`,
        ),
      ],
    }),
  ];
}

/** In a row of their own, because Loki is optional. */
export function logPanels(): Panels {
  return [
    logLines({
      title: "Logs",
      about: "Without Loki: kubectl logs … | grep EVENT_ID",
      width: 24,
      // Loki rejects a selector that also matches streams without labels, as that of all namespaces does.
      queries: [logs(`{namespace=~"$namespace", namespace=~".+"} |= \`$event_id\` | json`)],
    }),
  ];
}
