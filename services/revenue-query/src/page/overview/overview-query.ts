import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { badParameters } from "../../http/http-problem.ts";
import { bound, type FilterParameters, filterParameters } from "../../parameters/filter.ts";
import { type Bound, type Range, resolveBound } from "../../parameters/range.ts";
import { readQuery } from "../../parameters/read-query.ts";
import type { Shape } from "../../parameters/shape.ts";
import { intervalParameter } from "../../routes/revenue-series.ts";
import type { Interval } from "../../time/calendar.ts";
import { momentOf } from "../../time/instant-text.ts";
import { defaultInterval } from "./interval.ts";
import { boundText, monthOf } from "./period.ts";

/** What the overview is asked for. */
export type OverviewQuery = {
  readonly range: Range;
  readonly zone: string;
  readonly interval: Interval;
  /** The filter of the range for the API: `from` to `source`, as far as they are given or have defaults of the page. */
  readonly filter: Readonly<Record<string, string>>;
  /** The instant that the ledger is asked for as of. */
  readonly recordedAt: string | undefined;
};

type Parameters = FilterParameters & {
  readonly interval: Interval | undefined;
  readonly as_recorded_at: Bound | undefined;
  readonly period: "month" | "all";
};

// The mode is only checked here: where it is not given, the endpoints know the installation's default.
const parameters: Shape<Parameters> = {
  interval: intervalParameter.optional(),
  ...filterParameters(true),
  as_recorded_at: bound(
    "The ledger as it was recorded at this instant, or at the start of this day in `timezone`.",
  ),
  period: z.enum(["month", "all"], "must be month or all").default("month"),
};

/** The parameters of the API that select entries, in the order of the form. */
const filterNames = ["from", "to", "timezone", "currency", "account", "livemode", "source"] as const;

/**
 * Reads the query of the overview: that of `/v1/revenue/series`, where the range is by default the month of `now`, the interval
 * one that fits the range, and `as_recorded_at` may be a date. `period=all` is all time where neither end of a range is given.
 * @throws HttpProblem 400 naming every bad parameter.
 */
export function readOverviewQuery(search: URLSearchParams, now: Temporal.Instant): OverviewQuery {
  const { timezone: zone, range: given, ...query } = readQuery(parameters, search);
  const isDefault = query.from === undefined && query.to === undefined && query.period === "month";
  const range = isDefault ? monthOf(now, zone) : given;
  const ends = isDefault ? datesOf(monthOf(now, zone), zone) : {};
  return {
    range,
    zone,
    interval: query.interval ?? defaultInterval(range, now),
    filter: { ...ends, ...pick(search, filterNames) },
    recordedAt: recordedText(search.get("as_recorded_at"), query.as_recorded_at, zone),
  };
}

/** The parameters of these names that a query has. */
export function pick(search: URLSearchParams, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = search.get(name);
      return value === null ? [] : [[name, value] as const];
    }),
  );
}

function datesOf({ from, to }: ReturnType<typeof monthOf>, zone: string): { from: string; to: string } {
  return { from: boundText(from, zone), to: boundText(to, zone) };
}

/**
 * An instant of recorded time for the API, where the page takes a day too.
 * @throws HttpProblem 400 for a day outside the years 0001 to 9999.
 */
export function recordedText(
  text: string | null,
  parsed: Bound | undefined,
  zone: string,
  parameter = "as_recorded_at",
): string | undefined {
  // An instant goes as it came: the API rounds one between two microseconds down, unlike the end of a range.
  if (text === null || !(parsed instanceof Temporal.PlainDate)) return text ?? undefined;
  const instant = resolveBound(parsed, zone);
  if (instant !== undefined) return momentOf(instant);
  throw badParameters([{ parameter, detail: "must be within the years 0001 to 9999 in UTC" }]);
}
