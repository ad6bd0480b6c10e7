import type { ReconcileStage } from "@takings/domain";
import { ledgerTypes } from "@takings/wire";
import { Stripe } from "stripe";
import { createPageFetcher, type StripeAccess } from "./stripe-page-fetcher.ts";
import { type Listed, malformedList, parseList } from "./parse-list.ts";

type StripePage = {
  /** Newest first, as Stripe lists. */
  readonly items: readonly Listed[];
  /** Where the next page begins; `undefined` at the end. */
  readonly next: string | undefined;
};

/**
 * A page of what was created in the half-open range. @throws StripeError after all attempts have failed, TakingsError
 * `invalid` for an answer that is no page or leads nowhere.
 */
export type StripeLists = {
  page(
    stage: ReconcileStage,
    range: { readonly from: Date; readonly to: Date },
    cursor: string | undefined,
  ): Promise<StripePage>;
  /** All refunds of a charge, or all charges of a PaymentIntent, whenever they were made. */
  of(stage: "charge" | "refund", owner: Owner): Promise<readonly Listed[]>;
  /** The API version in which objects are listed. */
  readonly apiVersion: string;
};

/** Whose objects are listed, in the name of Stripe's parameter. */
type Owner = { readonly charge: string } | { readonly payment_intent: string };

/** How often a list may begin anew because the item it had come to has expired. */
const maxRestarts = 3;

/** Stripe's lists, through its own library. They are for one run: a list that comes to the same place twice is refused. */
export function createStripeLists(access: StripeAccess): StripeLists {
  const fetchPage = createPageFetcher(access);
  const passed = new Map<ReconcileStage, Set<string>>();
  const restarts = new Map<ReconcileStage, number>();
  const restartList = (stage: ReconcileStage): void => {
    const times = (restarts.get(stage) ?? 0) + 1;
    if (times > maxRestarts)
      throw malformedList(stage, "has lost the place where its next page begins again");
    restarts.set(stage, times);
    passed.delete(stage);
  };
  return {
    apiVersion: Stripe.API_VERSION,
    async page(stage, range, cursor) {
      const filter = {
        created: { gte: seconds(range.from), lt: seconds(range.to) },
        // An installation need not have asked for any other type, and none of them is money.
        ...(stage === "event" && { types: [...ledgerTypes] }),
      };
      const answer = await fetchPage(stage, filter, cursor).catch((error: unknown) => {
        if (cursor === undefined || !isGone(error)) throw error;
        restartList(stage);
        return fetchPage(stage, filter, undefined);
      });
      const { data, hasMore } = parseList(stage, answer);
      const next = hasMore ? data.at(-1)?.id : undefined;
      const places = passed.get(stage) ?? new Set(cursor === undefined ? [] : [cursor]);
      if (next !== undefined && places.has(next))
        throw malformedList(stage, `comes to ${next} again and never ends`);
      passed.set(stage, next === undefined ? places : places.add(next));
      return { items: data, next };
    },
    async of(stage, owner) {
      const items = new Map<string, Listed>();
      for (let cursor: string | undefined; ; ) {
        const { data, hasMore } = parseList(stage, await fetchPage(stage, owner, cursor));
        cursor = data.at(-1)?.id;
        if (cursor !== undefined && items.has(cursor))
          throw malformedList(stage, `comes to ${cursor} again and never ends`);
        for (const item of data) items.set(item.id, item);
        if (!hasMore) return [...items.values()];
      }
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
