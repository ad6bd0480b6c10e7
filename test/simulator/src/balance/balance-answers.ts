import type { Members } from "../json.ts";
import type { BalanceList, BalanceObjects } from "./balance-objects.ts";
import type { ApiObject } from "./stripe-balance-objects.ts";

/** The permissions that reading the balance needs, by Stripe's names. */
export const balancePermissions = {
  balance_transactions: "rak_balance_transaction_source_read",
  payouts: "rak_payout_read",
} as const satisfies Record<BalanceList, string>;

/** What can be read, and by whom. */
export type ReadableAccounts = {
  /** By the account of the header `Stripe-Account`; `null` is the platform. */
  readonly accounts: ReadonlyMap<string | null, BalanceObjects>;
  /** The keys that are taken, with their permissions. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
};

/** What a request is answered with. */
export type Answer = { readonly status: number; readonly body: Members };

/** What counts of a request. */
type BalanceRequest = {
  readonly url: URL;
  readonly account: string | null;
  readonly authorization: string | undefined;
  readonly now: number;
};

/** Answers a request as Stripe's API does. Errors: https://docs.stripe.com/api/errors */
export function answerRequest(
  { accounts, keys }: ReadableAccounts,
  { url, account, authorization, now }: BalanceRequest,
): Answer {
  const key = authorization?.replace(/^Bearer /, "") ?? "";
  const permissions = keys.get(key);
  const [, , name = "", id] = url.pathname.split("/");
  if (permissions === undefined) return refusal(401, { message: `Invalid API Key provided: ${masked(key)}` });
  if (name !== "balance_transactions" && name !== "payouts")
    return refusal(404, { message: `Unrecognized request URL (GET: ${url.pathname}).` });
  const objects = accounts.get(account);
  if (objects === undefined) {
    return refusal(403, {
      code: "account_invalid",
      message: `The provided key '${masked(key)}' does not have access to account '${account}' (or that account does not exist). Application access may have been revoked.`,
    });
  }
  const needed = balancePermissions[name];
  if (!permissions.includes(needed)) {
    return refusal(403, {
      message: `The provided key '${masked(key)}' does not have the required permissions for this endpoint on account '${account ?? "acct_platform"}'. Having the '${needed}' permission would allow this request to continue.`,
    });
  }
  if (id === undefined) return listed(objects, name, url, now);
  const object = objects.find(name, now, id);
  return object === undefined ? missing(name, id, "id") : { status: 200, body: object };
}

const single: Record<BalanceList, string> = {
  balance_transactions: "balance transaction",
  payouts: "payout",
};

/** Parameters of https://docs.stripe.com/api/balance_transactions/list and https://docs.stripe.com/api/payouts/list. */
const known: Record<BalanceList, RegExp> = {
  balance_transactions:
    /^(limit|starting_after|currency|type|source|payout|expand\[\d*\]|created(\[(gte|gt|lte|lt)\])?)$/,
  payouts:
    /^(limit|starting_after|status|destination|expand\[\d*\]|(created|arrival_date)(\[(gte|gt|lte|lt)\])?)$/,
};

function listed(
  objects: BalanceObjects,
  name: BalanceList,
  { pathname, searchParams }: URL,
  now: number,
): Answer {
  const unknown = [...searchParams.keys()].find((parameter) => !known[name].test(parameter));
  if (unknown !== undefined)
    return refusal(400, {
      code: "parameter_unknown",
      message: `Received unknown parameter: ${unknown}`,
      param: unknown,
    });
  const limit = Number(searchParams.get("limit") ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    return refusal(400, { message: "Limit must be between 1 and 100", param: "limit" });
  const afterId = searchParams.get("starting_after");
  const after = afterId === null ? undefined : objects.find(name, now, afterId);
  if (afterId !== null && after === undefined) return missing(name, afterId, "starting_after");
  const range = rangeOf(searchParams, "created");
  const candidates = candidatesOf(objects, name, searchParams, now, after);
  if ("status" in candidates) return candidates;
  const data: ApiObject[] = [];
  for (const object of candidates.objects) {
    if (!range.includes(object.created) || !matches(object, searchParams)) continue;
    data.push(object);
    if (data.length > limit) break;
  }
  return {
    status: 200,
    body: { object: "list", data: data.slice(0, limit), has_more: data.length > limit, url: pathname },
  };
}

function candidatesOf(
  objects: BalanceObjects,
  name: BalanceList,
  query: URLSearchParams,
  now: number,
  after: ApiObject | undefined,
): Answer | { readonly objects: Iterable<ApiObject> } {
  const payoutId = query.get("payout");
  if (payoutId === null) return { objects: objects.list(name, now, rangeOf(query, "created"), after) };
  const payout = objects.find("payouts", now, payoutId);
  if (payout === undefined) return missing("payouts", payoutId, "payout");
  if (payout["automatic"] !== true)
    return refusal(400, {
      message: "Balance transaction history can only be filtered on automatic transfers, not manual.",
      param: "payout",
    });
  const members = objects.members(now, payout);
  const place = after === undefined ? -1 : members.findIndex(({ id }) => id === after.id);
  return { objects: members.slice(place + 1) };
}

function rangeOf(query: URLSearchParams, name: string): CheckedRange {
  const bound = (operator: string): number | undefined => {
    const value = query.get(`${name}[${operator}]`);
    return value === null ? undefined : Number(value);
  };
  const exact = query.get(name);
  const from = Math.max(bound("gte") ?? 0, (bound("gt") ?? -1) + 1, Number(exact ?? 0));
  const to = Math.min(bound("lte") ?? 1e12, (bound("lt") ?? 1e12) - 1, Number(exact ?? 1e12));
  return { from, to, includes: (time) => time >= from && time <= to };
}

type CheckedRange = {
  readonly from: number;
  readonly to: number;
  readonly includes: (time: number) => boolean;
};

function matches(object: ApiObject, query: URLSearchParams): boolean {
  const arrival = object["arrival_date"];
  if (typeof arrival === "number" && !rangeOf(query, "arrival_date").includes(arrival)) return false;
  const source = object["source"];
  const sourceId = typeof source === "object" && source !== null && "id" in source ? source["id"] : source;
  const asked = query.get("source");
  return (
    (asked === null || asked === sourceId) &&
    ["currency", "type", "status", "destination"].every((field) => {
      const value = query.get(field);
      return value === null || object[field] === value;
    })
  );
}

function missing(name: BalanceList, id: string, param: string): Answer {
  return refusal(404, { code: "resource_missing", message: `No such ${single[name]}: '${id}'`, param });
}

function refusal(status: number, error: Members): Answer {
  return { status, body: { error: { ...error, type: "invalid_request_error" } } };
}

/** A key as Stripe's messages show it: all but its prefix and its last four characters as asterisks. */
function masked(key: string): string {
  const prefix = /^[a-z]+_(?:live|test)_/.exec(key)?.[0] ?? "";
  return prefix + key.slice(prefix.length, -4).replaceAll(/./g, "*") + key.slice(-4);
}
