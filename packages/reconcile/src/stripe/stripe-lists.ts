import { type ReconcileStage, TakingsError } from "@takings/domain";
import { ledgerTypes } from "@takings/wire";
import { Stripe } from "stripe";
import { createPageFetcher, type StripeAccess } from "./page-fetcher.ts";
import { type Listed, malformedList, parseList } from "./parse-list.ts";

type StripePage = {
  /** Newest first, in Stripe's order. */
  readonly items: readonly Listed[];
  /** The cursor of the next page; `undefined` on the last page. */
  readonly next: string | undefined;
};

/**
 * Stripe's lists of events and objects. @throws StripeError after all attempts have failed, TakingsError `invalid` for a
 * response that is not a page of the list, would make the list endless, or is older than the end of its range.
 */
export type StripeLists = {
  /** One page of the objects created in the half-open range. */
  page(
    stage: ReconcileStage,
    range: { readonly from: Date; readonly to: Date },
    cursor: string | undefined,
  ): Promise<StripePage>;
  /** All refunds of a charge, or all charges of a PaymentIntent, whenever they were created. */
  of(stage: "charge" | "refund", owner: Owner): Promise<readonly Listed[]>;
  /** The API version of the listed objects. */
  readonly apiVersion: string;
};

/** The object whose refunds or charges are listed, by the name of Stripe's parameter. */
type Owner = { readonly charge: string } | { readonly payment_intent: string };

/** How often a list may restart because the object at its cursor has expired. */
const maxRestarts = 3;

/** Creates the lists for one run. A list that returns to an earlier position is rejected. */
export function createStripeLists(access: StripeAccess): StripeLists {
  const fetchPage = createPageFetcher(access);
  const visited = new Map<ReconcileStage, Set<string>>();
  const restarts = new Map<ReconcileStage, number>();
  const restartList = (stage: ReconcileStage): void => {
    const times = (restarts.get(stage) ?? 0) + 1;
    if (times > maxRestarts) throw malformedList(stage, "repeatedly lost the object at its cursor");
    restarts.set(stage, times);
    visited.delete(stage);
  };
  return {
    apiVersion: Stripe.API_VERSION,
    async page(stage, range, cursor) {
      const filter = {
        created: { gte: seconds(range.from), lt: seconds(range.to) },
        // Only types that can affect the ledger: an endpoint need not receive any other.
        ...(stage === "event" && { types: [...ledgerTypes] }),
      };
      const response = await fetchPage(stage, filter, cursor).catch((error: unknown) => {
        if (cursor === undefined || !isExpired(error)) throw error;
        restartList(stage);
        return fetchPage(stage, filter, undefined);
      });
      requireEndedRange(range.to, response.at);
      const { data, hasMore } = parseList(stage, response.body);
      const next = hasMore ? data.at(-1)?.id : undefined;
      const positions = visited.get(stage) ?? new Set(cursor === undefined ? [] : [cursor]);
      if (next !== undefined && positions.has(next))
        throw malformedList(stage, `returns to ${next} and never ends`);
      visited.set(stage, next === undefined ? positions : positions.add(next));
      return { items: data, next };
    },
    async of(stage, owner) {
      const items = new Map<string, Listed>();
      for (let cursor: string | undefined; ; ) {
        const { data, hasMore } = parseList(stage, (await fetchPage(stage, owner, cursor)).body);
        cursor = data.at(-1)?.id;
        if (cursor !== undefined && items.has(cursor))
          throw malformedList(stage, `returns to ${cursor} and never ends`);
        for (const item of data) items.set(item.id, item);
        if (!hasMore) return [...items.values()];
      }
    },
  };
}

/**
 * A range that has not ended by Stripe's clock is not complete in any list, and must not count as compared. It is requested
 * when the clock of this machine is ahead.
 */
function requireEndedRange(end: Date, at: Date | undefined): void {
  if (at !== undefined && end <= at) return;
  const stated =
    at === undefined ? "does not state its time (no Date header)" : `says that it is ${at.toISOString()}`;
  throw new TakingsError(
    "invalid",
    `Stripe ${stated}, so its lists cannot be complete up to ${end.toISOString()}: nothing is recorded as complete; ` +
      "check the clock of this machine, and that no proxy stores or alters responses",
  );
}

/** Whether the object at the cursor no longer exists, as happens with old events; the list then restarts. */
function isExpired(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === "resource_missing";
}

/** Rounded up at both ends, so that adjacent half-open ranges stay adjacent and do not overlap. */
function seconds(at: Date): number {
  return Math.ceil(at.getTime() / 1_000);
}
