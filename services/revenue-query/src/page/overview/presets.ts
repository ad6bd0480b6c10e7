import { Temporal } from "temporal-polyfill";
import { type Html, html, raw } from "../html.ts";
import { relink } from "../links.ts";
import { isShown } from "./interval.ts";
import type { OverviewQuery } from "./overview-query.ts";
import { boundText, calendarPeriod, neighbour, type Period, periodName, periodOf } from "./period.ts";

/** Where the ranges to choose from are counted from. */
export type PresetsOptions = {
  readonly search: URLSearchParams;
  readonly query: OverviewQuery;
  readonly now: Temporal.Instant;
};

/** Ranges to choose from. All other parameters stay, save an interval that has too many buckets there. */
export function presets(options: PresetsOptions): Html {
  const { search, query, now } = options;
  const { month, ...others } = periods(now, query.zone);
  // At the end of a month, the last 30 days may be the month too.
  const chosen = Object.values({ month, ...others }).find((period) => isChosen(period, query));
  const isAll = query.range.from === undefined && query.range.to === undefined;
  const thisMonth = relink("/", search, { from: undefined, to: undefined, period: undefined });
  const allTime = withInterval("/", options, {}, { from: undefined, to: undefined, period: "all" });
  return html`<nav class="choices" aria-label="Range">
<a href="${thisMonth}" data-key="t"${chosen === month && current}>This month</a>
${Object.entries(others).map(
  ([name, period]) =>
    html`<a href="${periodLink(options, period)}"${chosen === period && current}>${name}</a>\n`,
)}
<a href="${allTime}"${isAll && current}>All time</a>
</nav>`;
}

/** The ranges of the same length before and after; nothing where a range has no length. */
export function neighbours(options: PresetsOptions): Html | "" {
  const { range, zone } = options.query;
  const period = periodOf(range);
  if (period === undefined) return "";
  const [before, after] = [neighbour(period, -1, zone), neighbour(period, 1, zone)];
  return html`<nav class="choices" aria-label="Previous and next range">
${before !== undefined && html`<a href="${periodLink(options, before)}" rel="prev" data-key="[">← ${nameOf(before, zone)}</a>`}
${after !== undefined && html`<a href="${periodLink(options, after)}" rel="next" data-key="]">${nameOf(after, zone)} →</a>`}
</nav>`;
}

/** A range in words, by its dates where it is of whole days. */
export function nameOf(period: Period, zone: string): string {
  return periodName(period, zone) ?? `${boundText(period.from, zone)} to ${boundText(period.to, zone)}`;
}

/** The overview of another period. */
export function periodLink(options: PresetsOptions, period: Period): string {
  const { zone } = options.query;
  const ends = { from: boundText(period.from, zone), to: boundText(period.to, zone), period: undefined };
  return withInterval("/", options, period, ends);
}

const current: Html = raw(' aria-current="true"');

function periods(now: Temporal.Instant, zone: string): { readonly month: Period } & Record<string, Period> {
  const today = now.toZonedDateTimeISO(zone).toPlainDate();
  const first = today.with({ day: 1 });
  const quarter = first.with({ month: first.month - ((first.month - 1) % 3) });
  const tomorrow = today.add({ days: 1 });
  const last = (days: number): Period => calendarPeriod(tomorrow.subtract({ days }), { days }, zone);
  return {
    month: calendarPeriod(first, { months: 1 }, zone),
    "Last month": calendarPeriod(first.subtract({ months: 1 }), { months: 1 }, zone),
    "This quarter": calendarPeriod(quarter, { months: 3 }, zone),
    "This year": calendarPeriod(first.with({ month: 1 }), { years: 1 }, zone),
    "Last 7 days": last(7),
    "Last 30 days": last(30),
  };
}

function isChosen({ from, to }: Period, { range }: OverviewQuery): boolean {
  return range.from?.equals(from) === true && range.to?.equals(to) === true;
}

function withInterval(
  path: string,
  { search, query, now }: PresetsOptions,
  range: Partial<Period>,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const fits = isShown(query.interval, { from: range.from, to: range.to }, now);
  return relink(path, search, { ...parameters, ...(!fits && { interval: undefined }) });
}
