import type { LedgerFilter, PaymentReader } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { resolveReadTime } from "./read-time.ts";
import { heading, type Heading, type Total, total } from "./responses.ts";
import { type Bucket, bucketOf, cut, type Interval, intervals, zonedText } from "./calendar.ts";
import { badParameters } from "./http-problem.ts";
import { headingOf, ledgerFilter, momentOf } from "./ledger-filter.ts";
import { linksOf } from "./ledger-link.ts";
import {
  type AsRecordedAt,
  asRecordedAt,
  type FilterParameters,
  filterParameters,
  intervalParameter,
  type Shape,
} from "./parameters.ts";
import { readQuery } from "./read-query.ts";
import type { Range } from "./range.ts";
import type { Route, RouteDeps } from "./route.ts";
import { totalsOf } from "./totals.ts";

type ShownBucket = { readonly start: string; readonly end: string; readonly totals: readonly Total[] };
type SeriesResponse = Heading & { readonly interval: Interval; readonly buckets: readonly ShownBucket[] };

const maxBuckets = 10_000;

const bucket: z.ZodType<ShownBucket> = z
  .object({
    start: z.string().meta({ format: "date-time", description: "Inclusive, with the zone's offset." }),
    end: z.string().meta({ format: "date-time", description: "Exclusive, with the zone's offset." }),
    totals: z.array(total),
  })
  .meta({ id: "Bucket" });

const responseSchema: z.ZodType<SeriesResponse> = z
  .object({ interval: z.enum(intervals), ...heading, buckets: z.array(bucket) })
  .meta({ id: "Series" });

/** `GET /v1/revenue/series`: totals per bucket of time, right across changes of the clock. */
export function seriesRoute({ reader, installation }: RouteDeps): Route {
  const parameters: Shape<FilterParameters & AsRecordedAt & { readonly interval: Interval }> = {
    interval: intervalParameter,
    ...filterParameters(installation.defaultLivemode),
    ...asRecordedAt,
  };
  return {
    path: "/v1/revenue/series",
    operationId: "getRevenueSeries",
    summary: "Revenue over time",
    description:
      "Contiguous, half-open buckets whose sum is the total of the same range, empty ones included. Those at the " +
      "edges are clipped to the range; an open end runs to the whole bucket of the first or last entry. " +
      `At most ${maxBuckets} buckets.`,
    parameters,
    responseSchema,
    async reply({ search }): Promise<SeriesResponse> {
      const query = readQuery(parameters, search);
      const filter = ledgerFilter(query, installation, await resolveReadTime(reader, query.as_recorded_at));
      const span = await spanOf(query.range, query.interval, query.timezone, filter, reader);
      const buckets = span === undefined ? [] : bucketsOf(span, query.interval, query.timezone);
      return {
        interval: query.interval,
        ...headingOf(filter, query.timezone),
        buckets: await fill(buckets, query.timezone, filter, reader),
      };
    },
  };
}

/** The range with its open ends closed by the entries there are; `undefined` where an open end has none. */
async function spanOf(
  range: Range,
  interval: Interval,
  zone: string,
  filter: LedgerFilter,
  reader: PaymentReader,
): Promise<Bucket | undefined> {
  if (range.from !== undefined && range.to !== undefined) return { start: range.from, end: range.to };
  const extent = await reader.extent(filter);
  if (extent === undefined) return undefined;
  const holding = (moment: string): Bucket => bucketOf(interval, zone, Temporal.Instant.from(moment));
  return { start: range.from ?? holding(extent.first).start, end: range.to ?? holding(extent.last).end };
}

function bucketsOf(span: Bucket, interval: Interval, zone: string): Bucket[] {
  const buckets: Bucket[] = [];
  for (const one of cut(interval, zone, span.start, span.end)) {
    if (buckets.length === maxBuckets) {
      const detail = `cuts this range into more than ${maxBuckets} buckets: ask for a longer interval or a shorter range`;
      throw badParameters([{ parameter: "interval", detail }]);
    }
    buckets.push(one);
  }
  return buckets;
}

async function fill(
  buckets: readonly Bucket[],
  zone: string,
  filter: LedgerFilter,
  reader: PaymentReader,
): Promise<ShownBucket[]> {
  const [first] = buckets;
  if (first === undefined) return [];
  const starts = buckets.map(({ start }) => momentOf(start));
  const sums = await reader.sums(filter, starts);
  const byBucket = Map.groupBy(sums, (sum) => sum.range);
  // A bucket starts where the one before it ends, so each edge is written once: zones make that the costly part.
  let edge = zonedText(first.start, zone);
  const link = linksOf(filter);
  return buckets.map(({ end }, index) => {
    const start = edge;
    edge = zonedText(end, zone);
    const part = { from: starts[index], to: starts[index + 1] ?? momentOf(end) };
    return {
      start,
      end: edge,
      totals: totalsOf(byBucket.get(index) ?? [], (currency) => link(currency, part)),
    };
  });
}
