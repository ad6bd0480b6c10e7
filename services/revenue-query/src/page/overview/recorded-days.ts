import { Temporal } from "temporal-polyfill";
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
