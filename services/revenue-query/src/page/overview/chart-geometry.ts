import { scaleBand, scaleLinear } from "d3-scale";
import { stack, stackOffsetDiverging } from "d3-shape";
import type { Total } from "../../responses/total.ts";

/** The figures that are drawn as bars. */
export const barNames = ["gross", "refunded", "disputed"] as const;

/** A rectangle in the units of the chart. */
export type Rectangle = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

/** What is drawn of one bucket. */
export type BucketShape = {
  readonly total: Total;
  /** The whole height of the chart, so that a small bar can be pointed at. */
  readonly area: Rectangle;
  readonly bars: readonly (Rectangle & { readonly name: (typeof barNames)[number] })[];
  readonly net: { readonly x: number; readonly y: number; readonly width: number };
};

/** A chart as shapes. Positions are floats; amounts are never taken from them. */
export type ChartShape = {
  readonly width: number;
  readonly height: number;
  readonly plot: Rectangle;
  readonly zero: number;
  readonly ticks: readonly { readonly minor: bigint; readonly y: number }[];
  readonly labels: readonly { readonly index: number; readonly x: number }[];
  readonly buckets: readonly BucketShape[];
};

const size = { width: 800, height: 200 } as const;
const plot: Rectangle = { x: 80, y: 8, width: 712, height: 166 };
const tickCount = 5;
const maxLabels = 8;
/** Of a few buckets, bars as wide as their share would look like areas. */
const maxBarWidth = 56;

/** Draws the totals of one currency in each bucket; `undefined` where a bucket has none. */
export function chartShape(totals: readonly (Total | undefined)[]): ChartShape {
  const rows = totals.map((total) => ({
    gross: toFloat(total?.gross),
    // What was taken goes below the axis; what was given back more than taken, above.
    refunded: -toFloat(total?.refunded),
    disputed: -toFloat(total?.disputed),
  }));
  const stacks = stack<(typeof rows)[number]>().keys(barNames).offset(stackOffsetDiverging)(rows);
  const ends = [0, ...stacks.flat(2), ...totals.map((total) => toFloat(total?.net))];
  const y = scaleLinear()
    .domain([Math.min(...ends), Math.max(...ends)])
    .nice(tickCount)
    .range([plot.y + plot.height, plot.y]);
  const x = scaleBand<number>()
    .domain(totals.keys())
    .range([plot.x, plot.x + plot.width])
    .paddingInner(0.2)
    .paddingOuter(0.1);
  const between = (a: number, b: number): Pick<Rectangle, "y" | "height"> => {
    const [top, bottom] = [y(Math.max(a, b)), y(Math.min(a, b))];
    return { y: round(top), height: round(bottom - top) };
  };
  const width = round(Math.min(x.bandwidth(), maxBarWidth));
  // Seen beside the bar, the mark of net is not lost on it.
  const overhang = round(Math.min(3, (x.step() - x.bandwidth()) / 2));
  const left = (index: number): number => round((x(index) ?? 0) + (x.bandwidth() - width) / 2);
  return {
    ...size,
    plot,
    zero: round(y(0)),
    ticks: y.ticks(tickCount).flatMap((value) => {
      // Of amounts of a few minor units, some ticks are between two of them.
      return Number.isInteger(value) ? [{ minor: BigInt(value), y: round(y(value)) }] : [];
    }),
    labels: everyFew(totals.length).map((index) => ({ index, x: round(left(index) + width / 2) })),
    buckets: totals.flatMap((total, index) => {
      if (total === undefined) return [];
      const bars = stacks.flatMap((bar) => {
        const [from = 0, to = 0] = bar[index] ?? [];
        const name = barNames[bar.index] ?? "gross";
        return from === to ? [] : [{ name, x: left(index), width, ...between(from, to) }];
      });
      const net = {
        x: round(left(index) - overhang),
        y: round(y(toFloat(total.net))),
        width: round(width + 2 * overhang),
      };
      return { total, area: { ...plot, x: left(index), width }, bars, net };
    }),
  };
}

/** A position along the axis. Beyond 2^53 it is off by far less than a pixel. */
function toFloat(amount: { readonly minor: string } | undefined): number {
  return amount === undefined ? 0 : Number(amount.minor);
}

function everyFew(count: number): number[] {
  const step = Math.ceil(count / maxLabels);
  return Array.from({ length: count }, (_, index) => index).filter((index) => index % step === 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
