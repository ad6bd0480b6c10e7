import { createRandom, type Random } from "../random.ts";
import type { LifePayout, LifeTransaction } from "./life.ts";
import { daySeed } from "./life-ids.ts";
import {
  dayLength,
  type Draft,
  type LifePlan,
  movement,
  payoutDayOf,
  type Slot,
  workingDay,
} from "./life-plan.ts";
import { madeByHand } from "./manual-payouts.ts";
import { commonKinds, manualPayoutKinds, rareKinds, type TransactionKind } from "./transaction-kinds.ts";

/** What happens on a day, automatic payouts aside. */
export type LifeDay = {
  readonly drafts: readonly Draft[];
  readonly payouts: readonly LifePayout[];
};

/** @param day a day of the life. */
export function generateDay(plan: LifePlan, day: number): LifeDay {
  const random = createRandom(daySeed(plan.seed, plan.account, day));
  const drafts: Draft[] = [];
  const payouts: LifePayout[] = [];
  const first = Math.floor((day * plan.transactions) / plan.days);
  const end = Math.floor(((day + 1) * plan.transactions) / plan.days);
  for (let number = first; number < end; number += 1) {
    // No slot is so late that what follows it within two hours is on the next day.
    const created = plan.from + day * dayLength + random.int(0, dayLength - 7_201);
    const slot: Slot = { day, number, created, currency: random.pick(plan.currencies) };
    const rare =
      number % 8 === 5 ? Math.floor(number / 8) % (rareKinds.length + manualPayoutKinds.length) : -1;
    const manual = manualPayoutKinds[rare - rareKinds.length];
    if (manual === undefined) {
      drafts.push(transaction(plan, random, slot, rareKinds[rare] ?? random.pick(commonKinds)));
    } else {
      const made = madeByHand(plan, random, slot, manual);
      drafts.push(...made.drafts);
      payouts.push(made.payout);
    }
  }
  drafts.push(...latePairs(plan, day));
  return { drafts, payouts };
}

function transaction(plan: LifePlan, random: Random, slot: Slot, kind: TransactionKind): Draft {
  const { day, number, created, currency } = slot;
  const size = sizeOf(random, currency, kind);
  const amount = kind.fee === "only fee" ? 0n : BigInt(kind.sign) * size;
  const { fee, applicationFee } = feeOf(kind, size, currency);
  const wrong = plan.wrongNets > 0 && number % Math.ceil(plan.transactions / plan.wrongNets) === 0;
  const visibleFrom = kind.late ? created + 1.5 * dayLength : created;
  const days = kind.late ? 4 : (kind.days ?? settlementDays(currency));
  const availableOn = days === 0 ? created : plan.from + (day + days) * dayLength;
  const counts = kind.balanceType === undefined || kind.balanceType === "payments";
  const source = kind.source === null ? null : plan.ids.other(kind.source, day, number);
  return {
    id: plan.ids.transaction(day, "b", number * 4),
    type: kind.type,
    reportingCategory: kind.category,
    amount,
    fee,
    net: amount - fee + (wrong ? 1n : 0n),
    applicationFee,
    currency,
    created,
    availableOn,
    visibleFrom,
    balanceType: kind.balanceType,
    description: random.chance(0.3) ? descriptionOf(number, kind.type) : null,
    laterDescription:
      number % 50 === 7 ? { from: created + 5 * dayLength, text: `Order ${number}, corrected` } : undefined,
    source: { id: source, expanded: kind.expanded === true },
    ...payment(plan, random, slot, kind, amount),
    payout: null,
    payoutDay: counts && !wrong ? payoutDayOf(plan, availableOn) : undefined,
  };
}

/** Text that is awkward in a CSV file. */
function descriptionOf(number: number, type: string): string {
  return `Order ${number}, "${type}" & co;${number % 5 === 0 ? "\n" : " "}Größe é`;
}

/** What the customer paid; every fifth charge is in another currency than that of the settlement. */
function payment(
  plan: LifePlan,
  random: Random,
  { day, number, currency }: Slot,
  kind: TransactionKind,
  amount: bigint,
): Pick<LifeTransaction, "exchangeRate" | "payment"> {
  if (kind.source !== "ch" || kind.sign < 0) return { exchangeRate: null, payment: undefined };
  const converted = random.chance(0.2) && !kind.huge;
  const rate = converted ? random.int(500_000, 1_500_000) / 1e6 : null;
  const presentment = converted ? random.pick(["chf", "sek", "krw", "usd", "eur"]) : currency;
  const paid = rate === null || presentment === currency ? amount : BigInt(Math.round(Number(amount) / rate));
  return {
    exchangeRate: presentment === currency ? null : rate,
    payment: {
      charge: plan.ids.other("ch", day, number),
      paymentIntent: random.chance(0.9) ? plan.ids.other("pi", day, number) : null,
      amount: paid,
      currency: presentment,
    },
  };
}

function sizeOf(random: Random, currency: string, kind: TransactionKind): bigint {
  if (kind.huge) return 19_007_199_254_740_993n + BigInt(random.int(0, 999_999) * 10);
  const size = BigInt(random.int(100, kind.large ? 90_000_000 : 50_000));
  // Stripe takes three-decimal amounts only with a last digit of 0:
  // https://docs.stripe.com/currencies#three-decimal
  return currency === "kwd" ? size * 10n : size;
}

function feeOf(
  { fee }: TransactionKind,
  size: bigint,
  currency: string,
): Pick<LifeTransaction, "fee" | "applicationFee"> {
  const fixed = currency === "jpy" ? 0n : 30n;
  switch (fee) {
    case "card":
      return { fee: (size * 29n) / 1_000n + fixed, applicationFee: 0n };
    case "card with application fee":
      return { fee: (size * 29n) / 1_000n + fixed + size / 10n, applicationFee: size / 10n };
    case "dispute":
      return { fee: 1_500n, applicationFee: 0n };
    case "dispute returned":
      return { fee: -1_500n, applicationFee: 0n };
    case "only fee":
      return { fee: size / 50n, applicationFee: 0n };
    case undefined:
    default:
      return { fee: 0n, applicationFee: 0n };
  }
}

/** Two transactions that add up to nothing and that Stripe adds to a payout after it has told its members. */
function latePairs(plan: LifePlan, day: number): Draft[] {
  const payoutDay = workingDay(plan, day + 1);
  return plan.currencies.flatMap((currency, index) => {
    if (!plan.automaticPayouts || (day * 3 + index) % 17 !== 0) return [];
    const created = plan.from + day * dayLength + 23 * 3_600;
    return [1n, -1n].map((sign, place) => ({
      ...movement(created, currency),
      id: plan.ids.transaction(day, "b", plan.transactions * 4 + index * 2 + place),
      amount: sign * 770n,
      net: sign * 770n,
      visibleFrom: plan.from + (payoutDay + 2) * dayLength,
      description: "Correction of a correction",
      source: { id: null, expanded: false },
      payoutDay,
    }));
  });
}

function settlementDays(currency: string): number {
  return currency === "usd" ? 2 : currency === "jpy" ? 4 : currency === "kwd" ? 7 : 3;
}
