import { Temporal } from "temporal-polyfill";
import type { EventSummary } from "../../responses/event.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html } from "../html.ts";
import { link } from "../links.ts";
import { table } from "../parts/table.ts";
import { entryColumns } from "./entry-columns.ts";
import { type EventEffect, ledgerScopeOf } from "./event-effect.ts";

/** The entries that take their fields from an event, and no more than is known about there being others. */
export function eventEntries(event: EventSummary, effect: EventEffect, formats: Formats): Html {
  const { entries, isWhole } = effect;
  return html`<section aria-labelledby="entries">
<h2 id="entries">Ledger entries</h2>
${table({
  label: "Ledger entries",
  caption: "Entries that take their fields from this event",
  columns: entryColumns(formats, "UTC").filter(({ title }) => title !== "Event"),
  rows: entries,
  empty: isWhole
    ? "No ledger entry takes its fields from this event."
    : html`No ledger entry was found by the time of this event. One that belongs to no payment may have another time${ledgerOfDay(event)}.`,
})}
</section>`;
}

/** The way to entries near an event. */
function ledgerOfDay(event: EventSummary): Html | false {
  const scope = ledgerScopeOf(event);
  if (scope === undefined) return false;
  const day = Temporal.Instant.from(event.created).toZonedDateTimeISO("UTC").toPlainDate();
  const href = link("/ledger", { from: String(day), to: String(day.add({ days: 1 })), ...scope });
  return html`: <a href="${href}">all entries of that day</a>`;
}
