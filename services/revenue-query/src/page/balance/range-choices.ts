import { Temporal } from "temporal-polyfill";
import { type Html, html, raw } from "../html.ts";
import { relink } from "../links.ts";
import { boundText, calendarPeriod, neighbour, monthOf } from "../overview/period.ts";

/** Where ranges are counted from. */
export type RangeChoicesOptions = {
  readonly path: string;
  /** A query that the endpoint accepted. */
  readonly search: URLSearchParams;
  readonly now: Temporal.Instant;
};

/** Ranges to choose from; all other parameters stay, save the page of a list. */
export function rangeChoices({ path, search, now }: RangeChoicesOptions): Html {
  const zone = search.get("timezone") ?? "UTC";
  const month = monthOf(now, zone);
  const january = now.toZonedDateTimeISO(zone).toPlainDate().with({ month: 1, day: 1 });
  const periods = [
    ["This month", month],
    ["Last month", neighbour(month, -1, zone)],
    ["This year", calendarPeriod(january, { years: 1 }, zone)],
    ["All time", undefined],
  ] as const;
  return html`<nav class="choices" aria-label="Range">
${periods.map(([name, period]) => {
  const [from, to] = [period && boundText(period.from, zone), period && boundText(period.to, zone)];
  const isCurrent = (search.get("from") ?? undefined) === from && (search.get("to") ?? undefined) === to;
  const attributes = [name === "This month" && ' data-key="t"', isCurrent && ' aria-current="true"'];
  const href = relink(path, search, { from, to, cursor: undefined });
  return html`<a href="${href}"${attributes.map((text) => text !== false && raw(text))}>${name}</a>\n`;
})}</nav>`;
}
