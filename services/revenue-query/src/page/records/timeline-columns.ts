import type { Formats } from "../format/formats.ts";
import { html, type Html } from "../html.ts";
import { eventLink, searchLink } from "../links.ts";
import type { Column } from "../parts/table.ts";
import { statusOf } from "./event-columns.ts";
import { idLink, idText } from "./id-text.ts";
import { differingColumns } from "./scope-columns.ts";
import type { TimelineRow } from "./timeline.ts";
import { entryWords } from "./words.ts";

/** The columns of a payment's life, with account and mode where rows differ in them. Every row leads to an event. */
export function timelineColumns(rows: readonly TimelineRow[], formats: Formats): Column<TimelineRow>[] {
  return [
    { title: "When", cell: ({ moment }) => formats.instant(moment, "UTC") },
    { title: "What", cell: whatOf },
    { title: "Object", cell: objectOf },
    { title: "Amount", isNumber: true, cell: (row) => amountOf(row, formats) },
    { title: "Net after it", isNumber: true, cell: (row) => netOf(row, formats) },
    { title: "Event", cell: eventOf },
    ...differingColumns(rows.map(({ event, entry }) => entry ?? event)).map(({ title, cell }) => ({
      title,
      cell: ({ event, entry }: TimelineRow) => cell(entry ?? event),
    })),
  ];
}

function whatOf({ event, entry }: TimelineRow): Html {
  if (entry !== undefined) return html`<strong>${entryWords[entry.kind]}</strong>`;
  return html`Event <code>${event.type}</code>${event.status === "quarantined" && html`. ${statusOf(event)}`}`;
}

function objectOf({ event, entry }: TimelineRow): Html | null {
  const { object_id: id, source } = entry ?? event;
  return id === null ? null : idLink(id, searchLink(id, source));
}

function amountOf({ entry }: TimelineRow, formats: Formats): Html | null {
  return entry === undefined ? null : formats.money(entry.amount, entry.currency, "amount");
}

function netOf(row: TimelineRow, formats: Formats): Html | null {
  return row.entry === undefined ? null : formats.money(row.netAfter, row.entry.currency, "running_net");
}

function eventOf({ event, entry }: TimelineRow): Html {
  const { event_id: id, source } = entry ?? event;
  return html`<a data-row href="${eventLink(id, source)}">${idText(id)}</a>`;
}
