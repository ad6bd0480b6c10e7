import type { ReconcileStage } from "@takings/domain";
import { ledgerTypes } from "@takings/wire";
import { Stripe } from "stripe";
import { z } from "zod";
import { politely } from "./politely.ts";

/** How to reach Stripe, and on whose behalf. */
export type StripeAccess = {
  /** A restricted key that may read; see docs/configuration.md for what. */
  readonly apiKey: string;
  readonly apiUrl: URL;
  /** `null` is the key's own account. */
  readonly account: string | null;
};

/** An item of a list of Stripe's; everything but these two is still as it came. */
export type Listed = Readonly<Record<string, unknown>> & { readonly id: string; readonly created: number };

type StripePage = {
  /** Newest first, as Stripe lists. */
  readonly items: readonly Listed[];
  /** Where the next page begins; `undefined` at the end. */
  readonly next: string | undefined;
};

/** A page of what was created in the half-open range. @throws StripeError after all attempts have failed. */
export type StripeLists = {
  page(
    stage: ReconcileStage,
    range: { readonly from: Date; readonly to: Date },
    cursor: string | undefined,
  ): Promise<StripePage>;
  /** The API version in which objects are listed. */
  readonly apiVersion: string;
};

const pageSize = 100;
const answerMs = 30_000;
/** Of failed connections and 5xx, by the library itself. */
const retries = 4;

const listed = z.looseObject({ id: z.string().regex(/^\w{1,200}$/), created: z.int().min(0) });
const list = z.object({ data: z.array(listed), has_more: z.boolean() });

/** What of other objects must come along, so that the time of the money and a released authorisation are seen. */
const expansions: Readonly<Record<ReconcileStage, readonly string[]>> = {
  event: [],
  payment_intent: ["data.latest_charge.balance_transaction"],
  charge: ["data.balance_transaction"],
  refund: ["data.charge", "data.failure_balance_transaction"],
  dispute: [],
};

/** Stripe's lists, through its own library. */
export function createStripeLists({ apiKey, apiUrl, account }: StripeAccess): StripeLists {
  const stripe = new Stripe(apiKey, {
    host: apiUrl.hostname,
    port: apiUrl.port || (apiUrl.protocol === "http:" ? 80 : 443),
    protocol: apiUrl.protocol === "http:" ? "http" : "https",
    maxNetworkRetries: retries,
    timeout: answerMs,
    telemetry: false,
  });
  const resources = {
    event: stripe.events,
    payment_intent: stripe.paymentIntents,
    charge: stripe.charges,
    refund: stripe.refunds,
    dispute: stripe.disputes,
  };
  return {
    apiVersion: Stripe.API_VERSION,
    async page(stage, range, cursor) {
      const expand = expansions[stage];
      const parameters = {
        limit: pageSize,
        created: { gte: seconds(range.from), lt: seconds(range.to) },
        ...(expand.length > 0 && { expand: [...expand] }),
        // An installation need not have asked for any other type, and none of them is money.
        ...(stage === "event" && { types: [...ledgerTypes] }),
      };
      const options = account === null ? {} : { stripeAccount: account };
      const ask = (cursor: string | undefined): Promise<unknown> =>
        politely(async (): Promise<unknown> => {
          const after = cursor === undefined ? {} : { starting_after: cursor };
          return resources[stage].list({ ...parameters, ...after }, options);
        });
      const answer = await ask(cursor).catch((error: unknown) => {
        if (cursor !== undefined && isGone(error)) return ask(undefined);
        throw error;
      });
      const { data, has_more: hasMore } = list.parse(answer);
      return { items: data, next: hasMore ? data.at(-1)?.id : undefined };
    },
  };
}

/** The item that a page was to begin after has expired meanwhile, as events do: then the list begins anew. */
function isGone(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === "resource_missing";
}

/** Rounded up at both ends, so that the half-open range stays one and neighbouring ranges share nothing. */
function seconds(at: Date): number {
  return Math.ceil(at.getTime() / 1_000);
}
