import type { CustomerPayment, TieOutTransaction } from "@takings/postgres";
import {
  compareAmount,
  compareCurrency,
  compareText,
  compareTime,
  type Place,
  timeColumns,
} from "./compare-cells.ts";
import type { Difference } from "./difference.ts";
import type { Clock } from "./file-time.ts";
import type { ReportName, ReportRow } from "./report.ts";

/** How the times of a file are to be read, and which report it is. */
export type ReadAs = { readonly report: ReportName; readonly clock: Clock };

/**
 * In what a row of an itemized report differs from the transaction with its id.
 * @throws FileFault when a cell is not written as Stripe writes it.
 */
export function compareTransaction(
  row: ReportRow,
  known: TieOutTransaction,
  { report, clock }: ReadAs,
): readonly Difference[] {
  const place: Place = { line: row.line, id: known.id };
  const currency = compareCurrency(row, place, "currency", known.currency);
  const amount = (kind: "gross" | "fee" | "net"): readonly Difference[] =>
    compareAmount(row, place, kind, {
      minor: known[kind],
      currency: known.currency,
      columns: { amount: kind, currency: "currency" },
    });
  return [
    ...amount("gross"),
    ...amount("fee"),
    ...amount("net"),
    ...currency,
    ...compareTime(row, place, "created", { seconds: known.created, columns: timeColumns("created", clock) }),
    ...compareTime(row, place, "available_on", {
      seconds: known.availableOn,
      columns: timeColumns("available_on", clock),
    }),
    ...compareText(row, place, "reporting_category", { text: known.reportingCategory }),
    ...(report === "payouts"
      ? comparePayout(row, place, known, clock)
      : compareMembership(row, place, known, clock)),
  ];
}

/** Compares what a report says about the payout that a row is. Its moment is reported as `created`. */
function comparePayout(
  row: ReportRow,
  place: Place,
  known: TieOutTransaction,
  clock: Clock,
): readonly Difference[] {
  return [
    ...compareTime(row, place, "created", {
      seconds: known.effectiveAt,
      columns: timeColumns("effective_at", clock),
    }),
    ...compareText(row, place, "payout", { text: known.sourceId, column: "payout_id" }),
    ...(known.about === undefined
      ? []
      : [
          ...compareText(row, place, "payout_status", { text: known.about.status }),
          ...compareText(row, place, "trace_id", { text: traceIdOf(row, known) }),
        ]),
  ];
}

/**
 * The trace id of the payout that a row is about. A payout can be in the list of another one, and what a report says there
 * then is not documented: also that of the other is right, and none for money that came back.
 */
function traceIdOf(row: ReportRow, { about, memberOf, reportingCategory }: TieOutTransaction): string | null {
  const said = row.cell("trace_id") || null;
  const isOfOther = said !== null && said === memberOf?.traceId;
  const isReturned = said === null && reportingCategory === "payout_reversal";
  return isOfOther || isReturned ? said : (about?.traceId ?? null);
}

/** Compares what a report says about the automatic payout that contains a transaction. */
function compareMembership(
  row: ReportRow,
  place: Place,
  known: TieOutTransaction,
  clock: Clock,
): readonly Difference[] {
  const payout = compareText(row, place, "payout", { text: known.payout, column: "automatic_payout_id" });
  // If it is in another payout, the date and the trace id are that one's.
  if (known.memberOf === undefined || payout.length > 0) return payout;
  return [
    ...compareTime(row, place, "payout", {
      seconds: known.memberOf.arrivalDate,
      columns: timeColumns("automatic_payout_effective_at", clock),
    }),
    ...compareText(row, place, "trace_id", { text: known.memberOf.traceId }),
  ];
}

/**
 * The object by which the payment of a charge is found: its PaymentIntent, or else the charge. Whether a row is a charge
 * the ledger knows best, because the row may be wrong in that.
 */
export function customerObjectOf(row: ReportRow, known: TieOutTransaction | undefined): string | undefined {
  const category = known?.reportingCategory ?? row.cell("reporting_category") ?? "charge";
  if (category !== "charge" || (row.cell("customer_facing_amount") ?? "") === "") return undefined;
  const ids = ["payment_intent_id", "charge_id", "source_id"].map((column) => row.cell(column));
  return ids.find((id) => id !== undefined && id !== "");
}

/** Compares what a customer paid with what the events of the payment state. */
export function compareCustomerPayment(
  row: ReportRow,
  id: string,
  paid: CustomerPayment,
): readonly Difference[] {
  const place: Place = { line: row.line, id };
  const { amount: minor, currency } = paid;
  const columns = { amount: "customer_facing_amount", currency: "customer_facing_currency" };
  return [
    ...compareAmount(row, place, "customer_facing_amount", { minor, currency, columns }),
    ...compareCurrency(row, place, "customer_facing_currency", currency),
  ];
}
