import type { BalanceLife, LifeTransaction } from "./life.ts";
import { dayLength } from "./life-plan.ts";
import { type ApiObject, payoutAt, transactionAt } from "./stripe-balance-objects.ts";

/** The lists that have objects of the balance, named as in Stripe's paths. */
export type BalanceList = "balance_transactions" | "payouts";

/** What one Stripe account lists. All times are Unix seconds; `at` is the time of the request. */
export type BalanceObjects = {
  /** Newest first, from the object after `after`; those created in [`from`, `to`]. */
  list(
    list: BalanceList,
    at: number,
    range: CreationRange,
    after: ApiObject | undefined,
  ): Iterable<ApiObject>;
  find(list: BalanceList, at: number, id: string): ApiObject | undefined;
  /** The members of an automatic payout as far as Stripe tells them at `at`, newest first. */
  members(at: number, payout: ApiObject): readonly ApiObject[];
};

/** Both included. */
type CreationRange = { readonly from: number; readonly to: number };

/** The objects of a generated life. */
export function objectsOfLife(life: BalanceLife, livemode: boolean): BalanceObjects {
  return {
    *list(list, at, { from, to }, after) {
      const newest = Math.min(to, at, after?.created ?? at, life.to - 1);
      const oldest = Math.max(from, life.from);
      const isAsked = (object: Created): boolean =>
        object.created >= oldest && object.created <= newest && (!after || isBefore(object, after));
      for (let day = dayOf(life, newest); day >= dayOf(life, oldest); day -= 1) {
        if (list === "payouts") {
          for (const payout of life.payoutsOf(day).toReversed())
            if (isAsked(payout)) yield payoutAt(payout, at, livemode);
        } else {
          for (const transaction of life.transactionsOf(day).toReversed())
            if (isAsked(transaction) && isListed(transaction, at)) yield transactionAt(transaction, at);
        }
      }
    },
    find(list, at, id) {
      if (list === "payouts") {
        const payout = life.payout(id);
        return payout === undefined || payout.created > at ? undefined : payoutAt(payout, at, livemode);
      }
      const transaction = life.transaction(id);
      return transaction && isListed(transaction, at) ? transactionAt(transaction, at) : undefined;
    },
    members(at, payout) {
      const members = life
        .membersOf(payout.id)
        .filter((transaction) => isListed(transaction, at))
        .toReversed();
      // Stripe promises the whole list only once reconciliation has completed.
      const told = payout["reconciliation_status"] === "completed" ? members.length : members.length / 2;
      return members.slice(0, told).map((transaction) => transactionAt(transaction, at));
    },
  };
}

/** The objects that a test has written down; it may change the lists between two requests. */
export type WrittenObjects = {
  readonly balance_transactions: ApiObject[];
  readonly payouts: ApiObject[];
  /** The ids of the members by that of their payout. */
  readonly members: Map<string, string[]>;
};

/** Lists what a test has written down, all of it at any time. */
export function objectsWrittenDown(written: WrittenObjects): BalanceObjects {
  return {
    *list(list, _at, { from, to }, after) {
      for (const object of written[list].toSorted((a, b) => (isBefore(a, b) ? 1 : -1)))
        if (object.created >= from && object.created <= to && (!after || isBefore(object, after)))
          yield object;
    },
    find: (list, _at, id) => written[list].find((object) => object.id === id),
    members: (_at, payout) =>
      written.balance_transactions
        .filter(({ id }) => written.members.get(payout.id)?.includes(id) === true)
        .toSorted((a, b) => (isBefore(a, b) ? 1 : -1)),
  };
}

function dayOf(life: BalanceLife, time: number): number {
  return Math.floor((time - life.from) / dayLength);
}

function isListed({ visibleFrom }: LifeTransaction, at: number): boolean {
  return visibleFrom <= at;
}

type Created = { readonly created: number; readonly id: string };

function isBefore(a: Created, b: Created): boolean {
  return a.created < b.created || (a.created === b.created && a.id < b.id);
}
