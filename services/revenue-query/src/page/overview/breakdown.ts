import type { SeriesResponse } from "../../routes/revenue-series.ts";
import type { Total } from "../../responses/total.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { table } from "../parts/table.ts";
import type { BucketLabel } from "./bucket-label.ts";
import { totalColumns } from "./total-columns.ts";

/** What the table of a series shows. */
export type BreakdownOptions = {
  readonly series: SeriesResponse;
  readonly labels: readonly BucketLabel[];
  readonly caption: Html;
  readonly formats: Formats;
};

type Row = { readonly start: string; readonly label: string; readonly total: Total };

/** One row per bucket and currency that has entries; each figure leads to the entries of its bucket. */
export function breakdownTable({ series, labels, caption, formats }: BreakdownOptions): Html {
  const rows = series.buckets.flatMap(({ start, totals }, index) =>
    totals.map((total): Row => ({ start, label: labels[index]?.long ?? start, total })),
  );
  return table<Row>({
    label: `Figures per ${series.interval}`,
    caption,
    rows,
    empty: "No entries in this range.",
    columns: [
      {
        title: nameOf(series.interval),
        cell: ({ start, label }) => html`<time datetime="${start}">${label}</time>`,
        isHeading: true,
      },
      { title: "Currency", cell: ({ total }) => total.currency.toUpperCase() },
      ...totalColumns(({ total }: Row) => total, formats),
    ],
  });
}

function nameOf(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
