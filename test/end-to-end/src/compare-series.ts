import type { RevenueClient, SeriesResponse } from "@takings/simulator";
import { select, totalsOf } from "./expected-totals.ts";
import { totalDifferences } from "./compare-totals.ts";
import { checkEach, type Comparison } from "./comparisons.ts";
import type { ExpectedState } from "./expected-state.ts";
import type { Entry } from "./reference-implementation/entries.ts";
import { createCalendar, createOffsets, type Interval, writtenOffset } from "./local-time.ts";

/** A series to compare. `from` and `to` as in a request: instants or plain dates. */
type SeriesCase = {
  readonly interval: Interval;
  readonly timezone: string;
  readonly from?: string;
  readonly to?: string;
};

const zones = [
  "UTC",
  "America/New_York",
  "Europe/Berlin",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Pacific/Auckland",
];
const coarse: readonly Interval[] = ["day", "week", "month", "quarter", "year"];

/** Series with and without ends in several zones; hours only around clock changes. */
const seriesCases: readonly SeriesCase[] = zones.flatMap((timezone) => [
  ...coarse.map((interval) => ({ interval, timezone })),
  ...coarse.map((interval) => ({
    interval,
    timezone,
    from: "2023-11-15T10:20:00Z",
    to: "2024-11-03T06:30:00Z",
  })),
  { interval: "hour", timezone, from: "2024-03-09", to: "2024-03-12" },
  { interval: "hour", timezone, from: "2024-03-30T22:10:00Z", to: "2024-04-08T00:00:00Z" },
  { interval: "hour", timezone, from: "2024-10-05", to: "2024-10-08" },
  { interval: "hour", timezone, from: "2024-10-26T12:00:00+02:00", to: "2024-11-04" },
  { interval: "day", timezone, from: "2030-01-01", to: "2030-01-04" },
  { interval: "day", timezone, from: "2024-05-05", to: "2024-05-05" },
]);

/** Compares series bucket by bucket, with buckets named by the local time of each entry. */
export function compareSeries(reader: RevenueClient, expectedState: ExpectedState): Promise<Comparison> {
  return checkEach("revenue series", seriesCases, async (asked) => {
    const answer = await reader.series({ ...asked, livemode: true, account: "*" });
    const range = { from: moment(answer.from), to: moment(answer.to) };
    const own = select(expectedState.entries, { livemode: true, account: "*", ...range });
    return [
      ...edgeDifferences(asked, answer),
      ...bucketDifferences(asked, answer),
      ...sumDifferences(asked, answer, own),
    ].map((fault) => `${JSON.stringify(asked)}: ${fault}`);
  });
}

/** A plain date means its first instant in the zone; the first and last bucket reach to the range's ends. */
function edgeDifferences({ timezone, from, to }: SeriesCase, answer: SeriesResponse): string[] {
  const day = createCalendar("day", timezone);
  const resolved = (asked: string | undefined, answered: string | null): boolean => {
    if (asked === undefined || answered === null) return asked === undefined && answered === null;
    const at = Date.parse(answered);
    if (asked.includes("T")) return at === Date.parse(asked);
    const date = asked.split("-").map(Number).join("-");
    return day(at) === date && day(at - 1) !== date;
  };
  const differences = [];
  if (!resolved(from, answer.from)) differences.push(`from is answered as ${answer.from}`);
  if (!resolved(to, answer.to)) differences.push(`to is answered as ${answer.to}`);
  const { first, last } = ends(answer);
  const isEmptyRange = answer.from !== null && answer.from === answer.to;
  if (isEmptyRange || first === undefined || last === undefined) {
    if (answer.buckets.length > 0 || (from !== undefined && to !== undefined && !isEmptyRange))
      differences.push("wrong emptiness");
    return differences;
  }
  if (answer.from !== null && Date.parse(first.start) !== Date.parse(answer.from))
    differences.push("starts elsewhere");
  if (answer.to !== null && Date.parse(last.end) !== Date.parse(answer.to))
    differences.push("ends elsewhere");
  return differences;
}

/** Buckets follow each other without gap, each is one whole local hour, day, …, and carries the zone's offset. */
function bucketDifferences(
  { interval, timezone }: SeriesCase,
  { from, to, buckets }: SeriesResponse,
): string[] {
  const name = createCalendar(interval, timezone);
  const offsetAt = createOffsets(timezone);
  return buckets.flatMap(({ start, end }, index) => {
    const [begin, close] = [Date.parse(start), Date.parse(end)];
    const before = buckets[index - 1];
    const differences = [];
    if (begin >= close) differences.push("is empty");
    if (before !== undefined && Date.parse(before.end) !== begin) differences.push("leaves a gap");
    if (name(begin) !== name(close - 1)) differences.push("spans two");
    if (begin !== moment(from) && name(begin - 1) === name(begin)) differences.push("begins late");
    if (close !== moment(to) && name(close) === name(close - 1)) differences.push("ends early");
    // +0 and -0 are equal offsets, so offsets are compared by their difference.
    if (writtenOffset(start) - offsetAt(begin) !== 0) differences.push("starts with a foreign offset");
    if (writtenOffset(end) - offsetAt(close) !== 0)
      differences.push(`has a foreign offset in its end, ${end},`);
    return differences.map((fault) => `bucket ${start} ${fault}`);
  });
}

/** Each bucket has the totals of the entries in its local time, and every entry is in a bucket. */
function sumDifferences(
  { interval, timezone }: SeriesCase,
  answer: SeriesResponse,
  entries: readonly Entry[],
): string[] {
  const name = createCalendar(interval, timezone);
  const byName = Map.groupBy(entries, ({ occurred_at }) => name(occurred_at * 1_000));
  const differences = answer.buckets.flatMap(({ start, totals }) => {
    const own = byName.get(name(Date.parse(start))) ?? [];
    byName.delete(name(Date.parse(start)));
    return totalDifferences(`bucket ${start}`, totalsOf(own), totals);
  });
  const { first, last } = ends(answer);
  if (answer.from === null && first?.totals.length === 0)
    differences.push("an open series begins before its first entry");
  if (answer.to === null && last?.totals.length === 0)
    differences.push("an open series ends after its last entry");
  return [...differences, ...[...byName.keys()].map((left) => `no bucket for ${left}`)];
}

function ends({ buckets }: SeriesResponse): {
  first: SeriesResponse["buckets"][0] | undefined;
  last: SeriesResponse["buckets"][0] | undefined;
} {
  return { first: buckets[0], last: buckets.at(-1) };
}

function moment(text: string | null): number | undefined {
  return text === null ? undefined : Date.parse(text);
}
