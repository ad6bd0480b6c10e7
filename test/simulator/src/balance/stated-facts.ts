import type { StatedTransaction, Sums } from "./arithmetic.ts";
import {
  type BalanceLife,
  type LifePayout,
  type LifeTransaction,
  payoutsOf,
  transactionsOf,
} from "./life.ts";
import { payoutAt } from "./stripe-balance-objects.ts";

/** The transactions of a life that count, as they stand at a time: listed, in the payments balance, and consistent. */
export function* countedTransactions(life: BalanceLife, at: number): Generator<StatedTransaction> {
  for (const transaction of transactionsOf(life))
    if (counts(transaction, at)) yield statedTransaction(life, transaction, at);
}

/** A payout with what its members add up to. */
export type StatedPayout = {
  readonly id: string;
  /** As Stripe shows it. */
  readonly object: ReturnType<typeof payoutAt>;
  /** By category, the payout's own transaction aside; `null` where Stripe does not tell them. */
  readonly members: ReadonlyMap<string, Sums> | null;
  readonly unexplained: bigint | null;
};

/** The payouts of a life as they stand at a time. */
export function* statedPayouts(life: BalanceLife, at: number, livemode: boolean): Generator<StatedPayout> {
  for (const payout of payoutsOf(life))
    if (payout.created <= at) yield statedPayout(life, payout, at, livemode);
}

/** A transaction as the contract counts it: `net` must be `amount` less `fee`, other balances do not count. */
export function counts({ visibleFrom, balanceType, amount, fee, net }: LifeTransaction, at: number): boolean {
  return (
    visibleFrom <= at && (balanceType === undefined || balanceType === "payments") && net === amount - fee
  );
}

/** A transaction as it stands at a time. */
export function statedTransaction(
  life: BalanceLife,
  transaction: LifeTransaction,
  at: number,
): StatedTransaction {
  const { id, type, currency, amount, fee, net, created, availableOn, source } = transaction;
  const category = transaction.reportingCategory ?? type;
  const payout = category === "payout" && source.id !== null ? life.payout(source.id) : undefined;
  return {
    id,
    currency,
    category,
    gross: amount,
    fee,
    net,
    created,
    availableOn,
    moment: payout?.automatic === true ? arrivalAt(payout, at) : created,
  };
}

/** The arrival date of a payout as Stripe states it at a time. */
export function arrivalAt({ arrivalDate, laterArrival }: LifePayout, at: number): number {
  return laterArrival !== undefined && laterArrival.from <= at ? laterArrival.date : arrivalDate;
}

function statedPayout(life: BalanceLife, payout: LifePayout, at: number, livemode: boolean): StatedPayout {
  const { id, amount, reconciledAt, transaction } = payout;
  const object = payoutAt(payout, at, livemode);
  if (reconciledAt === undefined || reconciledAt > at)
    return { id, object, members: null, unexplained: null };
  const members = new Map<string, Sums>();
  let sum = 0n;
  for (const member of life.membersOf(id)) {
    if (member.id === transaction || !counts(member, at)) continue;
    const category = member.reportingCategory ?? member.type;
    const { count, gross, fee, net } = members.get(category) ?? { count: 0, gross: 0n, fee: 0n, net: 0n };
    members.set(category, {
      count: count + 1,
      gross: gross + member.amount,
      fee: fee + member.fee,
      net: net + member.net,
    });
    sum += member.net;
  }
  return { id, object, members, unexplained: amount - sum };
}
