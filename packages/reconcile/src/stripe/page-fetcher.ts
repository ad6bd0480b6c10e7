import type { ReconcileStage } from "@takings/domain";
import { Stripe } from "stripe";
import { retryRateLimited } from "./rate-limit-retry.ts";
import { bufferedFetch } from "./buffered-fetch.ts";

/** How to reach Stripe, and for which account. */
export type StripeAccess = {
  /** A restricted key with read access; docs/configuration.md lists the permissions. */
  readonly apiKey: string;
  readonly apiUrl: URL;
  /** A connected account; `null` is the key's own account. */
  readonly account: string | null;
  /** Cancels requests in progress. */
  readonly stopping: AbortSignal;
  /** How long a complete response may take; 30 s by default. */
  readonly responseTimeoutMs?: number | undefined;
};

const pageSize = 100;
const defaultResponseTimeoutMs = 30_000;
/** Retries of failed connections and 5xx, by Stripe's library. */
const retries = 4;

/**
 * Related objects to include: those with the time of the money movement, and with evidence that something is not a
 * refund. Stripe expands at most four levels: https://docs.stripe.com/api/expanding_objects
 */
const expansions: Readonly<Record<ReconcileStage, readonly string[]>> = {
  event: [],
  payment_intent: ["data.latest_charge.balance_transaction"],
  charge: ["data.balance_transaction", "data.failure_balance_transaction", "data.payment_intent"],
  refund: ["data.charge.balance_transaction", "data.failure_balance_transaction", "data.payment_intent"],
  // Disputes include their balance transactions.
  dispute: [],
};

/** A page of a list, unparsed, and when Stripe made it by its own clock; `undefined` where that is not stated. */
type FetchedPage = { readonly body: unknown; readonly at: Date | undefined };

/** Fetches one page of a list. @throws StripeError after all attempts have failed. */
type FetchPage = (stage: ReconcileStage, filter: object, cursor: string | undefined) => Promise<FetchedPage>;

/** Creates a page fetcher on top of Stripe's library. */
export function createPageFetcher(access: StripeAccess): FetchPage {
  const { apiKey, apiUrl, account, stopping, responseTimeoutMs = defaultResponseTimeoutMs } = access;
  const stripe = new Stripe(apiKey, {
    host: apiUrl.hostname,
    port: apiUrl.port || (apiUrl.protocol === "http:" ? 80 : 443),
    protocol: apiUrl.protocol === "http:" ? "http" : "https",
    maxNetworkRetries: retries,
    // The timeout of this client is for the whole response; that of `node:http` restarts with every byte.
    httpClient: Stripe.createFetchHttpClient(bufferedFetch(stopping)),
    timeout: responseTimeoutMs,
    telemetry: false,
  });
  const resources = {
    event: stripe.events,
    payment_intent: stripe.paymentIntents,
    charge: stripe.charges,
    refund: stripe.refunds,
    dispute: stripe.disputes,
  };
  const options = account === null ? {} : { stripeAccount: account };
  return (stage, filter, cursor) =>
    retryRateLimited(async () => {
      const expand = expansions[stage];
      const parameters = { limit: pageSize, ...filter, ...(expand.length > 0 && { expand: [...expand] }) };
      const after = cursor === undefined ? {} : { starting_after: cursor };
      const body = await resources[stage].list({ ...parameters, ...after }, options);
      // A record by its type, but a `Headers` with the client of `fetch`.
      return { body, at: timeOf(new Headers(body.lastResponse.headers).get("date")) };
    }, stopping);
}

/** The time at which an origin server made a response: https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1 */
function timeOf(date: string | null): Date | undefined {
  const at = Date.parse(date ?? "");
  return Number.isNaN(at) ? undefined : new Date(at);
}
