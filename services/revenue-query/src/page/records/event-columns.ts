import type { EventSummary } from "../../responses/event.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html } from "../html.ts";
import { eventLink, searchLink } from "../links.ts";
import type { Column } from "../parts/table.ts";
import { idLink, idText } from "./id-text.ts";

/** The columns of events. The id leads to the event. */
export function eventColumns(formats: Formats): Column<EventSummary>[] {
  return [
    { title: "Event", isHeading: true, cell: eventOf },
    { title: "Type", cell: ({ type }) => html`<code>${type}</code>` },
    { title: "Created", cell: ({ created }) => formats.instant(created, "UTC") },
    { title: "Object", cell: objectOf },
    { title: "Status", cell: statusOf },
  ];
}

function eventOf({ event_id: id, source }: EventSummary): Html {
  return html`<a data-row href="${eventLink(id, source)}">${idText(id)}</a>`;
}

function objectOf({ object_id: id, source }: EventSummary): Html | null {
  return id === null ? null : idLink(id, searchLink(id, source));
}

/** The status of an event in words, with the reason where it was not understood. */
export function statusOf({ status, reason }: Pick<EventSummary, "status" | "reason">): Html | string {
  return status === "processed" ? "Processed" : html`Quarantined: ${reason}`;
}
