import type { BalanceLife, LifePayout, LifeTransaction } from "../life.ts";
import { arrivalAt, counts, statedTransaction } from "../stated-facts.ts";
import { payoutAt } from "../stripe-balance-objects.ts";

/** Stripe's itemized reports. https://docs.stripe.com/reports/report-types */
export type ItemizedReport = "activity" | "payouts" | "payout-reconciliation";

/** A balance transaction in an itemized report, with what the columns say about it. */
export type ReportRow = {
  readonly transaction: LifeTransaction;
  readonly category: string;
  /** What Stripe's reports call `effective_at`. */
  readonly moment: number;
  /** The automatic payout that contains it, and when it arrives. */
  readonly automaticPayout: LifePayout | undefined;
  readonly arrival: number | undefined;
  /** The payout that it is about, as Stripe shows it. */
  readonly about: ReturnType<typeof payoutAt> | undefined;
};

/** Which rows a report has. */
export type ReportRange = {
  /** Unix seconds: included. */
  readonly from: number;
  /** Unix seconds: not included. */
  readonly to: number;
  /** When the report is made: it shows what is known then. */
  readonly at: number;
};

/**
 * The rows of a report: activity created in the range, payouts and their reversals whose money moves in it, or the members
 * of the automatic payouts that arrive in it.
 */
export function* reportRows(
  life: BalanceLife,
  report: ItemizedReport,
  { from, to, at }: ReportRange,
): Generator<ReportRow> {
  const inRange = (time: number): boolean => time >= from && time < to;
  for (let day = 0; day < life.days; day += 1) {
    if (report === "payout-reconciliation") {
      for (const payout of life.payoutsOf(day))
        if (payout.automatic && payout.created <= at && inRange(arrivalAt(payout, at)))
          for (const member of life.membersOf(payout.id))
            if (member.id !== payout.transaction && counts(member, at)) yield rowOf(life, member, at);
    } else {
      for (const transaction of life.transactionsOf(day)) {
        if (!counts(transaction, at)) continue;
        const row = rowOf(life, transaction, at);
        if (isPayout(row) === (report === "payouts") && inRange(row.moment)) yield row;
      }
    }
  }
}

/** Whether Stripe's reports count a row among the payouts, not the activity. */
export function isPayout({ category }: { readonly category: string }): boolean {
  return category === "payout" || category === "payout_reversal";
}

function rowOf(life: BalanceLife, transaction: LifeTransaction, at: number): ReportRow {
  const { category, moment } = statedTransaction(life, transaction, at);
  const automaticPayout = transaction.payout === null ? undefined : life.payout(transaction.payout);
  const about =
    isPayout({ category }) && transaction.source.id !== null ? life.payout(transaction.source.id) : undefined;
  return {
    transaction,
    category,
    moment,
    automaticPayout:
      automaticPayout === undefined || automaticPayout.created > at ? undefined : automaticPayout,
    arrival: automaticPayout === undefined ? undefined : arrivalAt(automaticPayout, at),
    about: about === undefined ? undefined : payoutAt(about, at, true),
  };
}
