import type { SeriesResponse } from "../../routes/revenue-series.ts";
import type { Total } from "../../responses/total.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { viewOf } from "../links.ts";
import type { BucketLabel } from "./bucket-label.ts";

/** What the table of a series shows. */
export type BreakdownOptions = {
  readonly series: SeriesResponse;
  readonly labels: readonly BucketLabel[];
  readonly caption: Html;
  readonly formats: Formats;
};

/**
 * One row per bucket and currency that has entries; each figure leads to the entries of its bucket. A row is one template, not
 * one per cell: a year of days in three currencies has more than a thousand, and templates are most of what a page costs.
 */
export function breakdownTable({ series, labels, caption, formats }: BreakdownOptions): Html {
  const { buckets, interval, timezone } = series;
  if (buckets.every(({ totals }) => totals.length === 0)) {
    return html`<p class="notice">No entries in this range.</p>`;
  }
  return html`<div class="scroll breakdown" tabindex="0" role="region" aria-label="Figures per ${interval}">
<table>
<caption>Per ${interval}: ${caption}</caption>
<thead><tr><th scope="col">Start</th><th scope="col">Currency</th>${numbers.map((title) => html`<th scope="col" class="number">${title}</th>`)}</tr></thead>
<tbody>
${buckets.map(({ start, totals }, index) => {
  const label = html`<time datetime="${start}">${labels[index]?.long ?? start}</time>`;
  return totals.map((total) => rowOf(label, total, timezone, formats));
})}</tbody>
</table>
</div>`;
}

const numbers = ["Net", "Gross", "Refunded", "Disputed", "Payments", "Refunds", "Disputes"];

function rowOf(label: Html, total: Total, zone: string, { money, count }: Formats): Html {
  const { currency, counts } = total;
  // Escaped once for the whole row.
  const href = html`${viewOf(total.ledger, zone)}`;
  return html`<tr><th scope="row">${label}</th><td>${currency.toUpperCase()}</td>
<td class="number"><a href="${href}" data-row>${money(total.net, currency, "net")}</a></td>
<td class="number"><a href="${href}">${money(total.gross, currency, "gross")}</a></td>
<td class="number"><a href="${href}">${money(total.refunded, currency, "refunded")}</a></td>
<td class="number"><a href="${href}">${money(total.disputed, currency, "disputed")}</a></td>
<td class="number">${count(counts.payments)}</td><td class="number">${count(counts.refunds)}</td><td class="number">${count(counts.disputes)}</td></tr>
`;
}
