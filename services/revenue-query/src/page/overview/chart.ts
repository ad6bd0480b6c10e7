import type { SeriesResponse } from "../../routes/revenue-series.ts";
import { moneyOf } from "../../responses/money.ts";
import type { Total } from "../../responses/total.ts";
import type { Formats } from "../format/formats.ts";
import { escaped, type Html, html, raw } from "../html.ts";
import { viewOf } from "../links.ts";
import type { BucketLabel } from "./bucket-label.ts";
import { barNames, type BucketShape, type ChartShape, chartShape, type Rectangle } from "./chart-geometry.ts";
import { figure } from "./figure.ts";

/** What a chart shows: one currency of a series. */
export type ChartOptions = {
  readonly total: Total;
  readonly series: SeriesResponse;
  readonly labels: readonly BucketLabel[];
  readonly formats: Formats;
};

/** The series of one currency as bars that lead to their entries, with what it shows in words. */
export function chart({ total, series, labels, formats }: ChartOptions): Html {
  const { currency } = total;
  const totals = series.buckets.map((bucket) => bucket.totals.find((one) => one.currency === currency));
  const shape = chartShape(totals);
  const labelOf = new Map(totals.map((one, index) => [one, labels[index]?.long ?? ""]));
  return html`<figure class="chart">
<h3>${currency.toUpperCase()}</h3>
${legend}
<div class="scroll" tabindex="0" role="region" aria-label="Chart of ${currency.toUpperCase()}">
<svg viewBox="0 0 ${shape.width} ${shape.height}" width="${shape.width}" height="${shape.height}" role="group" aria-label="${currency.toUpperCase()} per ${series.interval}">
${axes(shape, currency, labels, formats)}
${raw(shape.buckets.map((bucket) => bucketLink(bucket, labelOf.get(bucket.total) ?? "", series.timezone, formats)).join(""))}
<path class="series-net line" d="${shape.buckets.map(({ net }) => `M${net.x} ${net.y}h${net.width}`).join("")}"/>
</svg>
</div>
${summary({ total, totals, labelOf, series, formats })}
</figure>`;
}

const legend = html`<ul class="legend">
${[...barNames, "net"].map((name) => html`<li><svg width="12" height="12" aria-hidden="true"><rect class="series-${name}" width="12" height="12"/></svg> ${name}</li>`)}
</ul>`;

/** Half of the widest label below the axis: one nearer to the edge would be cut off. */
const halfLabel = 36;

function axes(shape: ChartShape, currency: string, labels: readonly BucketLabel[], formats: Formats): Html {
  const { plot, ticks } = shape;
  const right = plot.x + plot.width;
  return html`<g class="grid" aria-hidden="true">${ticks.map(({ y }) => html`<line x1="${plot.x}" x2="${right}" y1="${y}" y2="${y}"/>`)}</g>
<g class="axis" aria-hidden="true"><line x1="${plot.x}" x2="${right}" y1="${shape.zero}" y2="${shape.zero}"/>
${ticks.map(({ minor, y }) => html`<text x="${plot.x - 6}" y="${y}" dy="0.32em" text-anchor="end">${formats.shortMoneyText(moneyOf(minor, currency), currency)}</text>`)}
${shape.labels.map(({ index, x }) => html`<text x="${x > right - halfLabel ? right : x}" y="${shape.height - 8}" text-anchor="${x > right - halfLabel ? "end" : "middle"}">${labels[index]?.short ?? ""}</text>`)}
</g>`;
}

// The table has the same links, so the chart's are no further stops of the keyboard.
function bucketLink(
  { total, area, bars }: BucketShape,
  label: string,
  zone: string,
  formats: Formats,
): string {
  const drawn = bars.map((bar) => rectangle(`series-${bar.name}`, bar)).join("");
  const href = escaped(viewOf(total.ledger, zone));
  const pointed = rectangle("area", area);
  return `<a href="${href}" tabindex="-1" data-tip><title>${escaped(tipOf(total, label, formats))}</title>${pointed}${drawn}</a>
`;
}

function tipOf(total: Total, label: string, { moneyText }: Formats): string {
  const { currency } = total;
  const taken = (["refunded", "disputed"] as const).filter((name) => total[name].minor !== "0");
  const parts = (["net", "gross", ...taken] as const).map(
    (name) => `${name} ${moneyText(total[name], currency)}`,
  );
  return `${label}: ${parts.join(", ")}`;
}

/** Of our own numbers only, so that nothing needs escaping. */
function rectangle(name: string, { x, y, width, height }: Rectangle): string {
  return `<rect class="${name}" x="${x}" y="${y}" width="${width}" height="${height}"/>`;
}

type SummaryOptions = {
  readonly total: Total;
  readonly totals: readonly (Total | undefined)[];
  readonly labelOf: ReadonlyMap<Total | undefined, string>;
  readonly series: SeriesResponse;
  readonly formats: Formats;
};

function summary({ total, totals, labelOf, series, formats }: SummaryOptions): Html {
  const byNet = totals
    .filter((one) => one !== undefined)
    .toSorted((a, b) => compare(BigInt(a.net.minor), BigInt(b.net.minor)));
  const net = ({ net: amount, currency, ledger }: Total): Html =>
    figure({ amount, currency, field: "net", href: viewOf(ledger, series.timezone) }, formats);
  const [lowest, highest] = [byNet.at(0), byNet.at(-1)];
  const size = `${formats.count(byNet.length)} of ${formats.count(totals.length)} ${series.interval}s have entries`;
  return html`<figcaption>Net ${net(total)} in all; ${size}${
    highest !== undefined &&
    lowest !== undefined &&
    html`, the highest ${net(highest)} (${labelOf.get(highest)}), the lowest ${net(lowest)} (${labelOf.get(lowest)})`
  }.</figcaption>`;
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
