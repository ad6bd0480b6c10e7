import { Temporal } from "temporal-polyfill";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { link, relink, viewOf } from "../links.ts";
import { table } from "../parts/table.ts";
import { changesTable, reasonWords } from "./changes-table.ts";
import type { ChangesSince, CurrencyDifference } from "./changes-since.ts";
import { figure, signedFigure } from "./figure.ts";
import type { OverviewQuery } from "./overview-query.ts";
import { boundText, monthOf } from "./period.ts";

const shownChanges = 20;

/** Links to the same range as it was reported earlier, and back. */
export function reportedAs(search: URLSearchParams, query: OverviewQuery, now: Temporal.Instant): Html {
  const { zone, filter, range } = query;
  const today = now.toZonedDateTimeISO(zone).startOfDay().toInstant();
  const choices: (readonly [string, Temporal.Instant])[] = [
    ["at the end of last month", monthOf(now, zone).from],
    [
      "a week ago",
      now.toZonedDateTimeISO(zone).subtract({ days: 7 }).toPlainDate().toZonedDateTime(zone).toInstant(),
    ],
    ["at the start of today", today],
  ];
  if (range.to !== undefined && Temporal.Instant.compare(range.to, now) <= 0) {
    choices.unshift(["when this range ended", range.to]);
  }
  // The range goes with it: by default it is the month of whoever opens the link.
  const ends = { from: filter["from"], to: filter["to"] };
  const back = relink("/", search, { as_recorded_at: undefined });
  return html`<nav class="choices" aria-label="As reported">
<span>As reported:</span>
<a href="${back}"${query.recordedAt === undefined && html` aria-current="true"`}>now</a>
${choices.map(([name, moment]) => {
  const href = relink("/", search, { ...ends, as_recorded_at: boundText(moment, zone) });
  const isChosen = query.recordedAt !== undefined && Temporal.Instant.from(query.recordedAt).equals(moment);
  return html`<a href="${href}"${isChosen && html` aria-current="true"`}>${name}</a>\n`;
})}
</nav>`;
}

/** Says that the figures are those of an earlier instant. */
export function recordedNotice(search: URLSearchParams, asOf: string, zone: string, formats: Formats): Html {
  return html`<p class="notice">These are the figures as they were recorded at ${formats.instant(asOf, zone)}. <a href="${relink("/", search, { as_recorded_at: undefined })}">Back to now</a></p>`;
}

/** What the difference of a total is shown with. */
export type ChangesSinceOptions = {
  readonly changes: ChangesSince;
  readonly filter: Readonly<Record<string, string>>;
  readonly zone: string;
  readonly formats: Formats;
};

/** How the figures differ from those of now, why, and by which changes. */
export function changesSinceSection({ changes: all, filter, zone, formats }: ChangesSinceOptions): Html {
  const href = link("/revenue/changes", { ...filter, since: all.since });
  const count = all.changes.length;
  return html`<section aria-labelledby="changes">
<h2 id="changes">What changed since</h2>
${differencesTable(all, href, zone, formats)}
${all.hasMore && html`<p class="notice">There are more than ${formats.count(count)} changes, so the reasons are those of the first ones. The differences are whole. <a href="${href}">All changes</a></p>`}
${changesTable({
  changes: all.changes.slice(0, shownChanges),
  caption: count > shownChanges ? `The first ${shownChanges} changes` : "All changes",
  zone,
  formats,
})}
${count > 0 && html`<p><a href="${href}">All changes since, as a list</a></p>`}
</section>`;
}

type Row = {
  readonly of: CurrencyDifference;
  /** A reason, the changes that were not read, or the whole difference. */
  readonly part: CurrencyDifference["reasons"][number] | "later" | "all";
};

function differencesTable(all: ChangesSince, href: string, zone: string, formats: Formats): Html {
  return table<Row>({
    label: "Differences per currency",
    caption: html`Net from ${formats.instant(all.since, zone)} to ${formats.instant(all.until, zone)}, and what made the difference`,
    rows: all.currencies.flatMap((of): Row[] => [
      { of, part: "all" },
      ...of.reasons.map((part): Row => ({ of, part })),
      ...(of.rest === undefined ? [] : [{ of, part: "later" } as const]),
    ]),
    empty: "No entries in this range, then or now.",
    columns: [
      { title: "Currency", cell: ({ of }) => of.currency.toUpperCase(), isHeading: true },
      { title: "Reason", cell: ({ part }) => reasonText(part) },
      { title: "Changes", cell: (row) => countOf(row, formats), isNumber: true },
      { title: "Net then", cell: (row) => netOf(row, "before", zone, formats), isNumber: true },
      { title: "Net now", cell: (row) => netOf(row, "after", zone, formats), isNumber: true },
      { title: "Difference", cell: (row) => differenceOf(row, href, formats), isNumber: true },
    ],
  });
}

function reasonText(part: Row["part"]): string {
  if (part === "all") return "all";
  return part === "later" ? "later changes" : reasonWords[part.why];
}

function countOf({ of, part }: Row, formats: Formats): string {
  if (part === "later") return "";
  if (part !== "all") return formats.count(part.count);
  const read = formats.count(of.reasons.reduce((sum, { count }) => sum + count, 0));
  return of.rest === undefined ? read : `at least ${read}`;
}

function netOf({ of, part }: Row, when: "before" | "after", zone: string, formats: Formats): Html | string {
  const total = of[when];
  if (part !== "all") return "";
  if (total === undefined) return "–";
  const { currency, ledger } = total;
  return figure({ amount: total.net, currency, field: `net_${when}`, href: viewOf(ledger, zone) }, formats);
}

function differenceOf({ of, part }: Row, href: string, formats: Formats): Html {
  const { currency, difference, rest = difference } = of;
  if (part === "all") {
    return signedFigure({ amount: difference, currency, field: "net_change", href }, formats);
  }
  const amount = part === "later" ? rest : part.effect;
  return signedFigure({ amount, currency, field: "effect", href }, formats);
}
