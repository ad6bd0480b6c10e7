import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type FilterParameters, filterParameters } from "../../parameters/filter.ts";
import type { Range } from "../../parameters/range.ts";
import { readQuery } from "../../parameters/read-query.ts";
import { type AsRecordedAt, asRecordedAt } from "../../parameters/recorded-time.ts";
import type { Shape } from "../../parameters/shape.ts";
import { intervalParameter } from "../../routes/revenue-series.ts";
import type { Interval } from "../../time/calendar.ts";
import { defaultInterval } from "./interval.ts";
import { boundText, monthOf } from "./period.ts";
import { withRecordedInstants } from "./recorded-days.ts";

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

type Parameters = FilterParameters &
  AsRecordedAt & {
    readonly interval: Interval | undefined;
    readonly period: "month" | "all";
  };

// The mode is only checked here: where it is not given, the endpoints know the installation's default.
const parameters: Shape<Parameters> = {
  interval: intervalParameter.optional(),
  ...filterParameters(true),
  ...asRecordedAt,
  period: z.enum(["month", "all"], "must be month or all").default("month"),
};

/** The parameters of the API that select entries, in the order of the form. */
const filterNames = ["from", "to", "timezone", "currency", "account", "livemode", "source"] as const;

/**
 * Reads the query of the overview: that of `/v1/revenue/series`, where the range is by default the month of `now`, the interval
 * one that fits the range, and `as_recorded_at` may be a date. `period=all` is all time where neither end of a range is given.
 * @throws HttpProblem 400 naming every bad parameter.
 */
export function readOverviewQuery(typed: URLSearchParams, now: Temporal.Instant): OverviewQuery {
  const search = withRecordedInstants(typed, ["as_recorded_at"]);
  const { timezone: zone, range: given, ...query } = readQuery(parameters, search);
  const isDefault = query.from === undefined && query.to === undefined && query.period === "month";
  const range = isDefault ? monthOf(now, zone) : given;
  const ends = isDefault ? datesOf(range, zone) : {};
  return {
    range,
    zone,
    interval: query.interval ?? defaultInterval(range, now),
    filter: { ...ends, ...pick(search, filterNames) },
    recordedAt: search.get("as_recorded_at") ?? undefined,
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

function datesOf({ from, to }: Range, zone: string): Record<string, string> {
  return {
    ...(from && { from: boundText(from, zone) }),
    ...(to && { to: boundText(to, zone) }),
  };
}
