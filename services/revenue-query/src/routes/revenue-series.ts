import type { LedgerFilter, PaymentReader } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { badParameters } from "../http/http-problem.ts";
import { type FilterParameters, filterParameters } from "../parameters/filter.ts";
import { ledgerFilter } from "../parameters/ledger-filter.ts";
import type { Range } from "../parameters/range.ts";
import { readQuery } from "../parameters/read-query.ts";
import { type AsRecordedAt, asRecordedAt } from "../parameters/recorded-time.ts";
import type { Shape } from "../parameters/shape.ts";
import { type Heading, heading, headingOf } from "../responses/heading.ts";
import { linksOf } from "../responses/ledger-link.ts";
import { type Total, total, totalsOf } from "../responses/total.ts";
import { type Bucket, bucketOf, cut, type Interval, intervals } from "../time/calendar.ts";
import { momentOf, zonedText } from "../time/instant-text.ts";
import { resolveReadTime } from "../time/read-time.ts";
import type { Route, RouteDependencies } from "./route.ts";

type ResponseBucket = { readonly start: string; readonly end: string; readonly totals: readonly Total[] };
/** The response of this endpoint. */
export type SeriesResponse = Heading & {
  readonly interval: Interval;
  readonly buckets: readonly ResponseBucket[];
};

const maxBuckets = 10_000;

/** `interval`: how long a bucket is. */
export const intervalParameter: z.ZodType<Interval> = z
  .enum(intervals, `must be one of ${intervals.join(", ")}`)
  .meta({ description: "The length of a bucket, by the calendar of `timezone`. Weeks start on Monday." });

const bucket: z.ZodType<ResponseBucket> = z
  .object({
    start: z.string().meta({ format: "date-time", description: "Inclusive, with the zone's offset." }),
    end: z.string().meta({ format: "date-time", description: "Exclusive, with the zone's offset." }),
    totals: z.array(total),
  })
  .meta({ id: "Bucket" });

const responseSchema: z.ZodType<SeriesResponse> = z
  .object({ interval: z.enum(intervals), ...heading, buckets: z.array(bucket) })
  .meta({ id: "Series" });

/** `GET /v1/revenue/series`: totals per time bucket, correct across daylight saving time changes. */
export function seriesRoute({ reader, installation }: RouteDependencies): Route<SeriesResponse> {
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
      "Contiguous, half-open buckets, including empty ones, that add up to the total of the same range. The first and " +
      "last bucket are clipped to the range; an open end of the range extends to the whole bucket of the first or " +
      `last entry. At most ${maxBuckets} buckets.`,
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

/** The range with its open ends closed by the existing entries; `undefined` when an open end has no entry. */
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
  const bucketAt = (moment: string): Bucket => bucketOf(interval, zone, Temporal.Instant.from(moment));
  return { start: range.from ?? bucketAt(extent.first).start, end: range.to ?? bucketAt(extent.last).end };
}

function bucketsOf(span: Bucket, interval: Interval, zone: string): Bucket[] {
  const buckets: Bucket[] = [];
  for (const one of cut(interval, zone, span.start, span.end)) {
    if (buckets.length === maxBuckets) {
      const detail = `splits this range into more than ${maxBuckets} buckets: use a longer interval or a shorter range`;
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
): Promise<ResponseBucket[]> {
  const [first] = buckets;
  if (first === undefined) return [];
  const starts = buckets.map(({ start }) => momentOf(start));
  const sums = await reader.sums(filter, starts);
  const byBucket = Map.groupBy(sums, (sum) => sum.range);
  // A bucket starts where the previous one ends. Each edge is formatted only once, because time zones make that costly.
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
