import { setImmediate } from "node:timers/promises";
import type { LedgerFilter, LedgerSum, Moment, PaymentReader } from "@takings/domain";
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
import { linkEndsOf, linksOf } from "../responses/ledger-link.ts";
import { createTextBytes } from "../responses/text-bytes.ts";
import { createTotalsWriter } from "../responses/total-text.ts";
import { type Total, total, totalsOf } from "../responses/total.ts";
import { type Bucket, bucketOf, cut, type Interval, intervals } from "../time/calendar.ts";
import { momentOf, zonedTexts } from "../time/instant-text.ts";
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
    reply: async ({ search }) => replyOf(await read(search)),
    json: async ({ search }) => jsonOf(await read(search)),
  };
  async function read(search: URLSearchParams): Promise<Series> {
    const query = readQuery(parameters, search);
    const { interval, timezone } = query;
    const filter = ledgerFilter(query, installation, await resolveReadTime(reader, query.as_recorded_at));
    const span = await spanOf(query.range, interval, timezone, filter, reader);
    const buckets = span === undefined ? [] : bucketsOf(span, interval, timezone);
    const head = { interval, ...headingOf(filter, timezone) };
    const starts = buckets.map(({ start }) => momentOf(start));
    if (buckets.length === 0) return { filter, head, parts: [], sums: new Map() };
    const [sums, parts] = await Promise.all([
      reader.sums(filter, starts),
      partsOf(buckets, starts, timezone),
    ]);
    return { filter, head, parts, sums: Map.groupBy(sums, ({ range }) => range) };
  }
}

/** What a response is written from. */
type Series = {
  readonly filter: LedgerFilter;
  readonly head: Omit<SeriesResponse, "buckets">;
  readonly parts: readonly Part[];
  /** By the number of their bucket. */
  readonly sums: ReadonlyMap<number, readonly LedgerSum[]>;
};

/** A bucket: its edges in the zone, and as moments. */
type Part = { readonly start: string; readonly end: string; readonly from: Moment; readonly to: Moment };

function replyOf({ filter, head, parts, sums }: Series): SeriesResponse {
  const link = linksOf(filter);
  const buckets = parts.map(({ start, end, from, to }, index) => ({
    start,
    end,
    totals: totalsOf(sums.get(index) ?? [], (currency) => link(currency, { from, to })),
  }));
  return { ...head, buckets };
}

/** More than most take. */
const expectedBytes = { head: 1_024, bucket: 128, total: 640 } as const;

/** The same as `JSON.stringify` of {@link replyOf}. */
function jsonOf({ filter, head, parts, sums }: Series): Buffer {
  const { before, after } = linkEndsOf(filter);
  const writeTotals = createTotalsWriter({ after });
  const totals = [...sums.values()].reduce((count, { length }) => count + length, 0);
  const json = createTextBytes(
    expectedBytes.head + expectedBytes.bucket * parts.length + expectedBytes.total * totals,
  );
  json.append(`${JSON.stringify(head).slice(0, -1)},"buckets":[`);
  for (const [index, part] of parts.entries()) {
    const written = writeTotals(sums.get(index) ?? [], before(part));
    json.append(`${index === 0 ? "" : ","}{"start":"${part.start}","end":"${part.end}","totals":${written}}`);
  }
  json.append("]}");
  return json.bytes();
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

/** The texts of the buckets, while the database works: the query is sent before. */
async function partsOf(buckets: readonly Bucket[], starts: readonly Moment[], zone: string): Promise<Part[]> {
  await setImmediate();
  const [first] = buckets;
  // A bucket starts where the previous one ends. Each edge is formatted only once, because time zones make that costly.
  const textOf = zonedTexts(zone);
  let edge = first === undefined ? "" : textOf(first.start);
  return buckets.map(({ start: begins, end: ends }, index) => {
    const start = edge;
    edge = textOf(ends);
    const from = starts[index] ?? momentOf(begins);
    return { start, end: edge, from, to: starts[index + 1] ?? momentOf(ends) };
  });
}
