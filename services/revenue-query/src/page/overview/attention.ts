import { moneyOf } from "../../responses/money.ts";
import type { EventsResponse } from "../../routes/events.ts";
import type { GapsResponse } from "../../routes/gaps.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { link } from "../links.ts";
import { figure } from "./figure.ts";

/** Money that is known to be missing from the totals, per kind and currency; nothing where there is none. */
export function gapsWarning(
  { gaps, next_cursor: next }: GapsResponse,
  scope: Readonly<Record<string, string>>,
  formats: Formats,
): Html | "" {
  if (gaps.length === 0) return "";
  const groups = Map.groupBy(gaps, ({ kind, currency }) => `${kind} ${currency}`);
  const sums = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { kind, currency } = first;
    const sum = group.reduce((all, { amount }) => all + BigInt(amount.minor), 0n);
    const href = link("/gaps", { ...scope, kind });
    const shown = figure({ amount: moneyOf(sum, currency), currency, field: "gap", href }, formats);
    return html`<li>${next !== null && "at least "}${formats.count(group.length)} ${kind}${group.length === 1 ? "" : "s"} in ${currency.toUpperCase()}: ${next !== null && "at least "}${shown}</li>`;
  });
  return html`<div class="warning" role="status">
<p><a href="${link("/gaps", scope)}">${next === null ? "" : "More than "}${formats.count(gaps.length)} ${gaps.length === 1 ? "gap" : "gaps"}</a>: money that moved, but whose event was never delivered. It is in no figure here, whatever the range.</p>
<ul>
${sums}
</ul>
</div>`;
}

/** Events that are in no figure because they could not be understood; nothing where there are none. */
export function quarantineWarning(
  { events, next_cursor: next }: EventsResponse,
  scope: Readonly<Record<string, string>>,
  formats: Formats,
): Html | "" {
  if (events.length === 0) return "";
  const count = `${next === null ? "" : "More than "}${formats.count(events.length)} ${events.length === 1 ? "event" : "events"}`;
  return html`<p class="warning" role="status"><a href="${link("/events", { status: "quarantined", ...scope })}">${count} in quarantine</a>: stored, but not understood, and so in no figure until <code>takings quarantine replay</code> can read them.</p>`;
}
