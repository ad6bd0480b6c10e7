import type { ReconcileStage } from "@takings/domain";
import { Stripe } from "stripe";
import { retryRateLimited } from "./rate-limit-retry.ts";
import { bufferedFetch } from "./buffered-fetch.ts";

/** How to reach Stripe, and on whose behalf. */
export type StripeAccess = {
  /** A restricted key that may read; see docs/reconcile.md for what. */
  readonly apiKey: string;
  readonly apiUrl: URL;
  /** `null` is the key's own account. */
  readonly account: string | null;
  /** Breaks off whatever is being asked. */
  readonly stopping: AbortSignal;
  /** Until when an answer must have come whole; half a minute unless given. */
  readonly responseTimeoutMs?: number | undefined;
};

const pageSize = 100;
const defaultResponseTimeoutMs = 30_000;
/** Of failed connections and 5xx, by the library itself. */
const retries = 4;

/**
 * What of other objects must come along: the time of the money, and what proves that something is no refund. Of the four
 * levels that Stripe expands, three are asked for. https://docs.stripe.com/api/expanding_objects
 */
const expansions: Readonly<Record<ReconcileStage, readonly string[]>> = {
  event: [],
  payment_intent: ["data.latest_charge.balance_transaction"],
  charge: ["data.balance_transaction", "data.failure_balance_transaction", "data.payment_intent"],
  refund: ["data.charge.balance_transaction", "data.failure_balance_transaction", "data.payment_intent"],
  // Its balance transactions come whole.
  dispute: [],
};

/** Asks Stripe for one page of a list, as it comes. @throws StripeError after all attempts have failed */
type FetchPage = (stage: ReconcileStage, filter: object, cursor: string | undefined) => Promise<unknown>;

/** How Stripe is asked, through its own library. */
export function createPageFetcher(access: StripeAccess): FetchPage {
  const { apiKey, apiUrl, account, stopping, responseTimeoutMs = defaultResponseTimeoutMs } = access;
  const stripe = new Stripe(apiKey, {
    host: apiUrl.hostname,
    port: apiUrl.port || (apiUrl.protocol === "http:" ? 80 : 443),
    protocol: apiUrl.protocol === "http:" ? "http" : "https",
    maxNetworkRetries: retries,
    // Of this client the time is that of the whole answer, where that of `node:http` begins again with every byte.
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
    retryRateLimited(async (): Promise<unknown> => {
      const expand = expansions[stage];
      const parameters = { limit: pageSize, ...filter, ...(expand.length > 0 && { expand: [...expand] }) };
      const after = cursor === undefined ? {} : { starting_after: cursor };
      return resources[stage].list({ ...parameters, ...after }, options);
    }, stopping);
}
