import type { SyncSegment } from "@takings/domain";
import { Stripe } from "stripe";
import {
  type BalanceList,
  type BalanceObjectName,
  type ListedObject,
  parseBalanceList,
} from "./balance-list.ts";
import { createRateLimit, type RateLimit } from "./rate-limit.ts";
import { retryingRequest } from "./retrying-request.ts";
import { isLostCursor, refusalOf } from "./stripe-refusal.ts";
import {
  type BalanceAccess,
  requestStripe,
  type StripeRequest,
  type StripeResponse,
} from "./stripe-request.ts";

/** Something that was read, and when Stripe made the response by its own clock; by ours where it does not say. */
export type Read<T> = T & { readonly at: Date };

/**
 * The lists of one account. @throws TakingsError `unavailable` where Stripe does not answer, `invalid` where it refuses or
 * a response cannot be Stripe's; the reason of the signal that stops the sync.
 */
export type StripeBalance = {
  /** A page of what was created in a segment; `lost`: the object at its cursor does not exist any more. */
  page(name: BalanceObjectName, segment: SyncSegment): Promise<Read<BalanceList> | "lost">;
  /** A page of the transactions of an automatic payout. */
  members(payout: string, cursor: string | undefined): Promise<Read<BalanceList>>;
  /** One transaction; `undefined`: it does not exist. */
  transaction(id: string): Promise<Read<{ readonly object: ListedObject["object"] }> | undefined>;
  /** Stripe's clock. */
  now(): Promise<Date>;
  readonly limitOf: (name: BalanceObjectName) => RateLimit;
  readonly apiVersion: string;
};

/** https://docs.stripe.com/rate-limits: every endpoint has a limit of its own. */
const requestsPerSecond = 25;
const pageSize = 100;
const paths: Readonly<Record<BalanceObjectName, string>> = {
  balance_transaction: "/v1/balance_transactions",
  payout: "/v1/payouts",
};

/** The limits of the two endpoints, which all accounts of a process share. */
export type BalanceLimits = Readonly<Record<BalanceObjectName, RateLimit>>;

/** Creates the limits of a process. */
export function createBalanceLimits(): BalanceLimits {
  return {
    balance_transaction: createRateLimit(requestsPerSecond),
    payout: createRateLimit(requestsPerSecond),
  };
}

/** How {@link createStripeBalance} reaches Stripe, and when it gives up. */
export type StripeBalanceOptions = BalanceAccess & {
  readonly account: string | null;
  readonly limits: BalanceLimits;
  readonly stopping: AbortSignal;
  /** How long a request may fail; 60 s by default. */
  readonly maxFailingMs?: number | undefined;
};

/** Creates the lists of one account. */
export function createStripeBalance(options: StripeBalanceOptions): StripeBalance {
  const { account, limits, stopping, apiKey, maxFailingMs } = options;
  const ask = (name: BalanceObjectName, request: StripeRequest): Promise<StripeResponse> =>
    retryingRequest(request, {
      send: (one) => requestStripe(options, one, stopping),
      limit: limits[name],
      stopping,
      maxFailingMs,
    });
  const listRequest = (name: BalanceObjectName, query: StripeRequest["query"]): StripeRequest => ({
    path: paths[name],
    query: { limit: String(pageSize), ...query },
    account,
  });
  const requireOk = (request: StripeRequest, response: StripeResponse): StripeResponse => {
    if (response.status !== 200) throw refusalOf(request, response, apiKey);
    return response;
  };
  const readList = (name: BalanceObjectName, response: StripeResponse): Read<BalanceList> => ({
    ...parseBalanceList(name, response.body),
    at: timeOf(response),
  });
  return {
    limitOf: (name) => limits[name],
    apiVersion: Stripe.API_VERSION,
    async page(name, { from, to, cursor }) {
      const request = listRequest(name, {
        "created[gte]": from?.toString(),
        "created[lt]": to?.toString(),
        starting_after: cursor,
      });
      const response = await ask(name, request);
      if (cursor !== undefined && isLostCursor(response)) return "lost";
      return readList(name, requireOk(request, response));
    },
    async members(payout, cursor) {
      const request = listRequest("balance_transaction", { payout, starting_after: cursor });
      const response = await ask("balance_transaction", request);
      return readList("balance_transaction", requireOk(request, response));
    },
    async transaction(id) {
      const request = { path: `${paths.balance_transaction}/${id}`, query: {}, account };
      const response = await ask("balance_transaction", request);
      if (response.status === 404) return undefined;
      const { body } = requireOk(request, response);
      const { items } = parseBalanceList("balance_transaction", { data: [body], has_more: false });
      return items[0] === undefined ? undefined : { object: items[0].object, at: timeOf(response) };
    },
    async now() {
      const request = listRequest("balance_transaction", { limit: "1" });
      return timeOf(requireOk(request, await ask("balance_transaction", request)));
    },
  };
}

/** When a server made a response: https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1 */
function timeOf({ headers }: StripeResponse): Date {
  const at = Date.parse(headers.get("date") ?? "");
  return new Date(Number.isNaN(at) ? Date.now() : at);
}
