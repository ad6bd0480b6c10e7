import type { LedgerScope } from "../ledger-scope.ts";
import type { Moment } from "../moment.ts";
import type { Page } from "../payment-repository.ts";
import type { BalanceTransaction, CategoryTotal, Payout, PayoutWithMembers } from "./balance-fact.ts";

/**
 * Selects a balance as of a recorded time. `source`: `*` is all sources. `account`: `null` is the platform itself, `*` all
 * accounts.
 */
export type BalanceScope = {
  readonly asOf: Moment;
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean;
  /** Only this settlement currency. */
  readonly currency: string | undefined;
};

/** The balance of one settlement currency at an instant, in minor units. */
export type CurrencyBalance = {
  readonly currency: string;
  /** Of `total`, what `available_on` has made available, and the rest. */
  readonly available: bigint;
  readonly pending: bigint;
  readonly total: bigint;
  /** What automatic payouts have taken that has not arrived; positive while it travels to the bank. */
  readonly inTransit: bigint;
};

/** The activity of one settlement currency in a range: `startingBalance` plus all `net` is `endingBalance`. */
export type BalanceActivity = {
  readonly currency: string;
  readonly startingBalance: bigint;
  /** All categories with transactions in the range, payouts included, sorted by name. */
  readonly categories: readonly CategoryTotal[];
  readonly endingBalance: bigint;
};

/** Selects balance transactions by their moment in [`from`, `to`). `balanceType` `undefined`: those that count. */
export type BalanceTransactionFilter = BalanceScope & {
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  /** Those of any of these categories. */
  readonly reportingCategories: readonly string[] | undefined;
  readonly payout: string | undefined;
  readonly balanceType: string | undefined;
  /** Only this one, whatever its balance type. */
  readonly id?: string;
};

/** Selects payouts by their arrival date in [`from`, `to`). */
export type PayoutFilter = BalanceScope & {
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  readonly status: string | undefined;
};

/** Orders the balance transactions, or the payouts, of one moment, and identifies each. */
export type BalancePosition = {
  readonly id: string;
  readonly account: string | null;
  readonly source: string;
};

/** A position as text. Sources and account ids contain no colon. */
export function balancePosition({ id, account, source }: BalancePosition): string {
  return `${source}:${account ?? ""}:${id}`;
}

/** Parses the text of {@link balancePosition}. @throws RangeError for any other text. */
export function parseBalancePosition(position: string): BalancePosition {
  const [, source = "", account = "", id] = /^([^:]+):([^:]*):(.+)$/su.exec(position) ?? [];
  if (id === undefined) throw new RangeError(`${position} is not a position in a list of the balance`);
  return { id, account: account === "" ? null : account, source };
}

/** How far the balance ledger of a scope is complete. */
type BalanceCompleteness = {
  /** `null`: from the beginning. */
  readonly completeFrom: Moment | null;
  readonly completeThrough: Moment;
  /** The recorded time from which answers contain what this states. */
  readonly recordedAt: Moment;
};

/** How far one scope is complete. */
export type ScopeCompleteness = LedgerScope & {
  /** The id under which the source knows the platform itself; `null`: not known. */
  readonly platformAccount: string | null;
  /** `undefined` while no round has finished. */
  readonly known: BalanceCompleteness | undefined;
};

/** The reading side of the balance ledger. Every method may throw TakingsError `unavailable`. */
export type BalanceReader = {
  /** One balance per currency with a counted transaction or a payout in transit before `at`, sorted by currency. */
  balances(scope: BalanceScope, at: Moment): Promise<readonly CurrencyBalance[]>;
  /** Sorted by currency. An undefined bound is unbounded. */
  activity(
    scope: BalanceScope,
    range: { readonly from: Moment | undefined; readonly to: Moment | undefined },
  ): Promise<readonly BalanceActivity[]>;
  /**
   * A page in the order of (`effectiveAt`, `id`, `account`, `source`), beginning after the time and {@link balancePosition}.
   */
  transactions(filter: BalanceTransactionFilter, page: Page): Promise<readonly BalanceTransaction[]>;
  /** A page in the order of (`arrivalDate`, `id`, `account`, `source`), as of transactions. */
  payouts(filter: PayoutFilter, page: Page): Promise<readonly Payout[]>;
  /**
   * One payout of one source. `livemode` `undefined`: either mode. Of several with the same id it is that of the platform,
   * or of the first account, and of live mode first.
   */
  payout(
    id: string,
    scope: Pick<BalanceScope, "asOf" | "source" | "account"> & { readonly livemode: boolean | undefined },
  ): Promise<PayoutWithMembers | undefined>;
  /** The scopes that were ever to be synced. */
  completeness(): Promise<readonly ScopeCompleteness[]>;
  /** How many readings that were recorded up to `asOf` are in quarantine now. */
  quarantined(scope: Omit<BalanceScope, "currency">): Promise<number>;
};
