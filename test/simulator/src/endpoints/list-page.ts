import type { Members } from "../json.ts";
import { type Answer, missing, refusal } from "./answer.ts";

/** An object of a list. */
export type Listed = Members & { readonly id: string; readonly created: number };

/** A page of a list, newest first, of at most `pageSize`. https://docs.stripe.com/api/pagination */
export function listPage(
  all: readonly Listed[],
  name: string,
  { pathname, searchParams }: URL,
  pageSize: number,
): Answer {
  const asked = Number(searchParams.get("limit") ?? 10);
  if (!Number.isInteger(asked) || asked < 1 || asked > 100)
    return refusal(400, { message: "Limit must be between 1 and 100", param: "limit" });
  const limit = Math.min(asked, pageSize);
  const from = Number(searchParams.get("created[gte]") ?? 0);
  const to = Number(searchParams.get("created[lt]") ?? Infinity);
  const types = [...searchParams].flatMap(([key, value]) => (/^types\[\d*\]$/.test(key) ? [value] : []));
  const listed = all
    .filter(({ created, type }) => {
      const isWanted = types.length === 0 || (typeof type === "string" && types.includes(type));
      return isWanted && created >= from && created < to;
    })
    .toSorted((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  const after = searchParams.get("starting_after");
  const place = after === null ? -1 : listed.findIndex(({ id }) => id === after);
  if (after !== null && place < 0) return missing(name, after, "starting_after");
  const rest = listed.slice(place + 1);
  return {
    status: 200,
    body: { object: "list", data: rest.slice(0, limit), has_more: rest.length > limit, url: pathname },
  };
}
