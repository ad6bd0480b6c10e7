import { Temporal } from "temporal-polyfill";
import type { Entry } from "../../responses/entry.ts";
import type { RevenueResponse } from "../../routes/revenue.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { eventLink } from "../links.ts";

/** What is told of how current and complete the figures are. */
export type FreshOptions = {
  readonly revenue: RevenueResponse;
  /** The newest entry of whatever range; `undefined` where there is none. Told of current figures. */
  readonly newest: Entry | undefined;
  readonly zone: string;
  readonly isCurrent: boolean;
  readonly now: Temporal.Instant;
  readonly formats: Formats;
};

/** Recorded time advances every second, with or without events. */
const staleSeconds = 60;

/** As of when the figures are, how old the newest entry is, and how far the ledger and the balance are complete. */
export function fresh({ revenue, newest, zone, isCurrent, now, formats }: FreshOptions): Html {
  const age = ageOf(revenue.as_of, now);
  const isStale = isCurrent && age > staleSeconds;
  return html`<dl class="facts fresh">
<div><dt>As of</dt><dd>${formats.instant(revenue.as_of, zone)}, ${ageText(age)} ago</dd></div>
${isCurrent && html`<div><dt>Newest entry</dt><dd>${newest === undefined ? "none yet" : newestText(newest, zone, now, formats)}</dd></div>`}
${isCurrent && completeness(revenue, zone, formats)}
</dl>
${isStale && html`<p class="warning" role="status">Nothing has been recorded for ${ageText(age)}, so newer events are not in these figures. Are the consumers running?</p>`}`;
}

function newestText(
  { occurred_at: moment, event_id: id, source }: Entry,
  zone: string,
  now: Temporal.Instant,
  formats: Formats,
): Html {
  return html`<a href="${eventLink(id, source)}">${formats.instant(moment, zone)}</a>, ${ageText(ageOf(moment, now))} ago`;
}

function completeness({ reconciliation, settlement }: RevenueResponse, zone: string, formats: Formats): Html {
  const through = settlement?.complete_through ?? null;
  return html`<div><dt>Complete through</dt><dd>${
    reconciliation === null
      ? html`not compared with Stripe's lists yet (<code>takings reconcile</code>)`
      : html`${formats.instant(reconciliation.complete_through, zone)}, from ${formats.instant(reconciliation.complete_from, zone)} on${differences(reconciliation, formats)}`
  }</dd></div>
${
  settlement !== null &&
  html`<div><dt>Balance complete through</dt><dd>${through === null ? "no complete round yet" : formats.instant(through, zone)}</dd></div>`
}`;
}

function differences(
  { missing, different }: NonNullable<RevenueResponse["reconciliation"]>,
  formats: Formats,
): Html | false {
  if (missing === 0 && different === 0) return false;
  return html`; <strong>${formats.count(missing)} objects missing, ${formats.count(different)} different from Stripe's</strong>`;
}

function ageOf(moment: string, now: Temporal.Instant): number {
  return Math.round(Temporal.Instant.from(moment).until(now).total("seconds"));
}

/** An age in one unit. */
function ageText(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  const [unit, size] = units.find(([, length]) => seconds >= 2 * length) ?? (["second", 1] as const);
  const count = Math.max(0, Math.floor(seconds / size));
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
