import { Temporal } from "temporal-polyfill";
import type { ParameterError } from "../../http/http-problem.ts";
import { parseBound, resolveBound } from "../../parameters/range.ts";
import { isTimeZone } from "../../time/calendar.ts";
import { momentOf } from "../../time/instant-text.ts";

/**
 * A query for the API, where the page takes a day for an instant of recorded time too: the first instant of that day in
 * `timezone`. All else stays as it came, for the endpoint to judge.
 */
export function withRecordedInstants(search: URLSearchParams, names: readonly string[]): URLSearchParams {
  const zone = search.get("timezone") ?? "UTC";
  const query = new URLSearchParams(search);
  for (const name of names) {
    const [text, ...others] = search.getAll(name);
    if (text === undefined || others.length > 0 || !isTimeZone(zone)) continue;
    const day = parseBound(text);
    const instant = day instanceof Temporal.PlainDate ? resolveBound(day, zone) : undefined;
    if (instant !== undefined) query.set(name, momentOf(instant));
  }
  return query;
}

/** What is wrong with the parameters of a view that takes days too, in place of the API's words for its own. */
export function withDayAdvice(
  errors: readonly ParameterError[] | undefined,
  names: readonly string[],
): readonly ParameterError[] | undefined {
  return errors?.map((error) =>
    names.includes(error.parameter)
      ? { ...error, detail: error.detail.replace(/^must be an/, "must be a date such as 2024-03-31 or an") }
      : error,
  );
}
