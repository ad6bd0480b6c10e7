import type { BalanceActivity, CategoryTotal, CurrencyBalance } from "@takings/domain";
import type { StoredTransaction } from "@takings/testkit";

// The balance by its definition, one transaction after the other, without the rollup's points and blocks.

const byName = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const net = ({ gross, fee }: StoredTransaction): bigint => gross - fee;
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);

/** The transactions of an account that count. `*`: of all accounts, or all sources. */
export function counted(
  all: Iterable<StoredTransaction>,
  account: string,
  source: string,
): StoredTransaction[] {
  return [...all].filter(
    (one) =>
      (source === "*" || one.source === source) &&
      (account === "*" || one.account === account) &&
      (one.balanceType === null || one.balanceType === "payments"),
  );
}

/** The balances at an instant. */
export function balancesAt(transactions: readonly StoredTransaction[], at: number): CurrencyBalance[] {
  const seen = transactions.filter(({ effectiveAt, created }) => effectiveAt < at || created < at);
  const currencies = [...new Set(seen.map(({ currency }) => currency))].toSorted(byName);
  return currencies.flatMap((currency) => {
    const own = seen.filter((one) => one.currency === currency);
    const before = own.filter(({ effectiveAt }) => effectiveAt < at);
    const underWay = own.filter(({ created, effectiveAt }) => created < at && effectiveAt >= at);
    const total = sum(before.map(net));
    const available = sum(before.filter(({ availableOn }) => availableOn <= at).map(net));
    return { currency, available, pending: total - available, total, inTransit: -sum(underWay.map(net)) };
  });
}

/** The activity of a range. */
export function activityIn(
  transactions: readonly StoredTransaction[],
  from: number,
  to: number,
): BalanceActivity[] {
  const currencies = [...new Set(transactions.map(({ currency }) => currency))].toSorted(byName);
  return currencies.flatMap((currency) => {
    const own = transactions.filter((one) => one.currency === currency);
    const startingBalance = sum(own.filter(({ effectiveAt }) => effectiveAt < from).map(net));
    const within = own.filter(({ effectiveAt }) => effectiveAt >= from && effectiveAt < to);
    const categories = totalsOf(within);
    if (startingBalance === 0n && categories.length === 0) return [];
    return { currency, startingBalance, categories, endingBalance: startingBalance + sum(within.map(net)) };
  });
}

/** The totals of each category, sorted by name. */
export function totalsOf(transactions: readonly StoredTransaction[]): CategoryTotal[] {
  const names = [...new Set(transactions.map(({ category }) => category))].toSorted(byName);
  return names.map((reportingCategory) => {
    const own = transactions.filter(({ category }) => category === reportingCategory);
    return {
      reportingCategory,
      count: own.length,
      gross: sum(own.map(({ gross }) => gross)),
      fee: sum(own.map(({ fee }) => fee)),
      net: sum(own.map(net)),
    };
  });
}
