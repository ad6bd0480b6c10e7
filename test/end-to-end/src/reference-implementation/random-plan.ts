import type { Random } from "@takings/simulator";
import type { Body } from "./events.ts";

const beginning = 1_790_000_000;
// Stands for what is not there: what counts as the newest version, no details of a destination, no account.
export const missing = "missing";
const versions = [
  "2019-12-03",
  "2020-08-26",
  "2020-08-27",
  "2022-08-01",
  "2022-11-14",
  "2022-11-15",
  "2023-10-16",
  "2024-10-27",
  "2024-10-28.acacia",
  "2026-07-29.dahlia",
  missing,
] as const;
// Around the 60 s within which a capture's release is made, and often equal.
const moments = [0, 0, 1, 2, 30, 59, 60, 61, 62, 90, 119, 120, 121, 122, 200];
export const amounts = [1, 30, 39, 40, 40, 41, 60, 60, 70, 100];

export function randomMoment(random: Random): number {
  return beginning + random.pick(moments);
}

/** What is the same in all events of a payment. */
export type Plan = {
  readonly random: Random;
  readonly account: string;
  readonly livemode: boolean;
  readonly versions: readonly string[];
  readonly currency: string;
  readonly intent: string | undefined;
  readonly charges: readonly string[];
  readonly transfer: string | undefined;
  readonly isMulticapture: boolean;
  /** What may be shown as captured. */
  readonly captured: readonly number[];
  readonly refunds: readonly PlannedRefund[];
  readonly disputes: readonly PlannedDispute[];
  /** Whether most of its events are about disputes. */
  readonly isDisputed: boolean;
  readonly eventId: () => string;
};

export type PlannedRefund = {
  readonly id: string;
  readonly charge: string;
  readonly amount: number;
  readonly created: number;
  readonly reason: string | null;
  readonly mirrors: boolean;
  readonly cash: boolean;
  readonly destination: string;
};

export type PlannedDispute = {
  readonly id: string;
  readonly charge: string;
  readonly amount: number;
  readonly transactions: readonly Body[];
};

/** `countIn` numbers the payments of an account and mode: those of others have the same ids. */
export function makePlan(random: Random, eventId: () => string, countIn: (books: string) => number): Plan {
  const hasIntent = random.chance(0.65);
  const account = random.pick([missing, missing, "acct_a", "acct_b"]);
  const livemode = random.chance(0.8);
  const unique = countIn(`${account} ${livemode}`);
  const isDisputed = random.chance(0.2);
  const charges = hasIntent && random.chance(0.25) ? [`ch_${unique}`, `ch_${unique}b`] : [`ch_${unique}`];
  return {
    random,
    account,
    livemode,
    versions: [random.pick(versions), random.pick(versions)],
    currency: random.pick(["usd", "eur", "jpy"]),
    intent: hasIntent ? `pi_${unique}` : undefined,
    charges,
    transfer: !hasIntent && random.chance(0.2) ? "tr_1" : undefined,
    isMulticapture: random.chance(0.15),
    captured: random.pick([[0, 40, 60, 60, 99, 100, 100], [60], [60], [60, 100], [0], [100]]),
    refunds: Array.from({ length: random.int(0, 4) }, (_, at) =>
      makeRefund(random, `re_${unique}${at}`, charges),
    ),
    disputes: Array.from({ length: isDisputed || random.chance(0.2) ? random.int(1, 2) : 0 }, (_, at) =>
      makeDispute(random, `du_${unique}${at}`, charges),
    ),
    isDisputed,
    eventId,
  };
}

function makeRefund(random: Random, id: string, charges: readonly string[]): PlannedRefund {
  return {
    id,
    charge: random.pick(charges),
    amount: random.chance(0.02) ? 0 : random.pick(amounts),
    created: randomMoment(random),
    reason: random.pick([null, null, null, null, "requested_by_customer", "expired_uncaptured_charge"]),
    mirrors: random.chance(0.06),
    cash: random.chance(0.08),
    destination: random.pick([missing, "card", "us_bank_transfer"]),
  };
}

function makeDispute(random: Random, id: string, charges: readonly string[]): PlannedDispute {
  const currency = random.pick(["usd", "eur", "jpy"]);
  const isMixed = random.chance(0.2);
  return {
    id,
    charge: random.pick(charges),
    amount: random.pick([1, 99, 100, 101]),
    transactions: Array.from({ length: random.int(0, 6) }, (_, at) => ({
      id: `txn_${id}_${at}`,
      object: "balance_transaction",
      amount: random.pick([-108, -100, -54, -54, -27, -1, 0, 1, 27, 36, 54, 100, 108]),
      currency: isMixed && random.chance(0.5) ? random.pick(["usd", "eur", "jpy"]) : currency,
      ...random.pick([
        {},
        { reporting_category: "dispute" },
        { reporting_category: "dispute_reversal" },
        { reporting_category: "fee" },
      ]),
    })),
  };
}
