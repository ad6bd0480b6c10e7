import { storedCharge, type StoredPayout, type StoredTransaction } from "@takings/testkit";
import { type GeneratedPayment, generatedTime } from "./generated-events.ts";

const dayMs = 86_400_000;

/**
 * The balance transactions and weekly payouts of payments. The payouts explain themselves, but for the last one of dollars that has
 * arrived; the youngest are on their way.
 */
export function generateBalance(payments: readonly GeneratedPayment[]): {
  readonly transactions: readonly StoredTransaction[];
  readonly payouts: readonly StoredPayout[];
} {
  const charges = payments.map((payment, n) => chargeOf(payment, n));
  const ofPayout = Map.groupBy(charges, ({ payout }) => payout ?? "");
  const payouts = [...ofPayout].map(([id, members]) => payoutOf(id, members));
  return { transactions: [...charges, ...payouts.map(transactionOf)], payouts };
}

function chargeOf({ paymentIntent, currency, amount, at }: GeneratedPayment, n: number): StoredTransaction {
  const availableOn = Math.floor(at / dayMs) * dayMs + 2 * dayMs;
  const week = Math.floor((availableOn - generatedTime.from) / (7 * dayMs));
  return storedCharge({
    id: `txn_3Q${String(n).padStart(6, "0")}`,
    currency,
    gross: amount,
    fee: (amount * 29n) / 1_000n + 30n,
    created: at,
    availableOn,
    sourceId: paymentIntent.replace("pi_", "ch_"),
    payout: `po_1Q${currency}Week${week}`,
  });
}

const unexplained = "po_1QusdWeek7";

function payoutOf(id: string, members: readonly StoredTransaction[]): StoredPayout {
  const net = members.reduce((sum, { gross, fee }) => sum + gross - fee, 0n);
  const arrivalDate = Math.max(...members.map(({ availableOn }) => availableOn)) + 2 * dayMs;
  const hasArrived = arrivalDate < generatedTime.to;
  return {
    id,
    account: "",
    amount: id === unexplained ? net - 1_500n : net,
    currency: members[0]?.currency ?? "usd",
    status: hasArrived ? "paid" : "in_transit",
    automatic: true,
    arrivalDate,
    reconciliationStatus: hasArrived ? "completed" : "in_progress",
    members: hasArrived ? members.length : null,
  };
}

function transactionOf({ id, amount, currency, arrivalDate }: StoredPayout): StoredTransaction {
  const created = arrivalDate - 2 * dayMs;
  return storedCharge({
    id: `txn_${id}`,
    category: "payout",
    currency,
    gross: -amount,
    created,
    effectiveAt: arrivalDate,
    sourceId: id,
    payout: id,
  });
}
