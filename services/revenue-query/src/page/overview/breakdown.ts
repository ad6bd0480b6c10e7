import type { SeriesResponse } from "../../routes/revenue-series.ts";
import type { Total } from "../../responses/total.ts";
import type { Formats } from "../format/formats.ts";
import { escaped, type Html, html, raw } from "../html.ts";
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
 * One row per bucket and currency that has entries; each figure leads to the entries of its bucket. A row is put together as a
 * text: a year of days in three currencies has more than a thousand, and templates would be most of what a page costs.
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
${raw(
  buckets
    .flatMap(({ start, totals }, index) => {
      const label = `<time datetime="${escaped(start)}">${escaped(labels[index]?.long ?? start)}</time>`;
      return totals.map((total) => rowOf(label, total, timezone, formats));
    })
    .join(""),
)}</tbody>
</table>
</div>`;
}

const numbers = ["Net", "Gross", "Refunded", "Disputed", "Payments", "Refunds", "Disputes"];

/** @param label escaped. */
function rowOf(label: string, total: Total, zone: string, { moneyMarkup, count }: Formats): string {
  const { currency, counts } = total;
  const href = escaped(viewOf(total.ledger, zone));
  const figures = (["net", "gross", "refunded", "disputed"] as const).map((field) => {
    const row = field === "net" ? " data-row" : "";
    return `<td class="number"><a href="${href}"${row}>${moneyMarkup(total[field], currency, field)}</a></td>`;
  });
  const numbersOf = [counts.payments, counts.refunds, counts.disputes].map(
    (number) => `<td class="number">${escaped(count(number))}</td>`,
  );
  return `<tr><th scope="row">${label}</th><td>${escaped(currency.toUpperCase())}</td>
${figures.join("\n")}
${numbersOf.join("")}</tr>
`;
}
