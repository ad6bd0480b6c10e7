import { defaultSource } from "@takings/domain";
import { type Query, toSearch } from "./page-api.ts";

/**
 * The view of what a link of the API leads to: its path is that of the endpoint without `/v1`.
 * @param zone the zone to show its instants in, for a link with a query.
 */
export function viewOf(apiLink: string, zone = "UTC"): string {
  const view = apiLink.replace(/^\/v1(?=\/)/, "");
  return zone === "UTC" ? view : `${view}&timezone=${encodeURIComponent(zone)}`;
}

/** A path with a query; without `?` when that is empty. */
export function link(path: string, query: Query = {}): string {
  const text = toSearch(query).toString();
  return text === "" ? path : `${path}?${text}`;
}

/** The view of one object, whose id is unique within its source. */
function objectLink(path: string, id: string, source: string, part = ""): string {
  return link(`${path}/${encodeURIComponent(id)}${part}`, {
    source: source === defaultSource ? undefined : source,
  });
}

/** The life of a payment. */
export const paymentLink = (paymentIntent: string, source: string): string =>
  objectLink("/payments", paymentIntent, source);

/** An event with its body. */
export const eventLink = (eventId: string, source: string): string => objectLink("/events", eventId, source);

/** The body of an event exactly as received, as a file. */
export const bodyLink = (eventId: string, source: string): string =>
  objectLink("/events", eventId, source, "/body");

/** What an id means in a source. */
export const searchLink = (id: string, source: string): string => link("/search", { q: id, source });

/** A view with the parameters of another one, some of them replaced; `undefined` leaves one out. */
export function relink(
  path: string,
  search: URLSearchParams,
  different: Readonly<Record<string, string | undefined>>,
): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(different)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  return link(path, query);
}
