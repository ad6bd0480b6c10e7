import type { Json } from "../../json.ts";
import type { BalanceLife } from "../life.ts";
import { type ItemizedReport, type ReportRange, type ReportRow, reportRows } from "./report-rows.ts";
import { csvLine, localTime, major } from "./report-values.ts";

/** How a report is written. */
export type ReportForm = {
  /** The zone of the columns that do not end in `_utc`. Default UTC. */
  readonly timezone?: string;
  /** Their names and their order. Default: those of the newest version. */
  readonly columns?: readonly string[];
};

/**
 * The columns that each version of a report has by default, as Stripe documents them:
 * https://docs.stripe.com/reports/report-types/balance, https://docs.stripe.com/reports/report-types/payout-reconciliation.
 * The first versions have times in UTC only.
 */
export const reportColumns: Readonly<Record<ItemizedReport, readonly (readonly string[])[]>> = {
  activity: [
    names(
      "balance_transaction_id created_utc available_on_utc currency gross fee net reporting_category source_id description",
    ),
    names(
      "balance_transaction_id created_utc available_on_utc currency gross fee net reporting_category source_id description customer_facing_amount customer_facing_currency automatic_payout_id automatic_payout_effective_at_utc charge_id payment_intent_id",
    ),
    names(
      "balance_transaction_id created_utc created available_on_utc available_on currency gross fee net reporting_category source_id description customer_facing_amount customer_facing_currency regulatory_tag automatic_payout_id automatic_payout_effective_at_utc automatic_payout_effective_at charge_id payment_intent_id customer_email card_brand payment_metadata[order]",
    ),
  ],
  payouts: [
    names(
      "payout_id effective_at_utc currency gross fee net reporting_category balance_transaction_id description",
    ),
    names(
      "payout_id effective_at_utc currency gross fee net reporting_category balance_transaction_id description payout_expected_arrival_date payout_status payout_reversed_at_utc payout_type payout_description payout_destination_id",
    ),
    names(
      "payout_id effective_at_utc effective_at currency gross fee net reporting_category balance_transaction_id description payout_expected_arrival_date payout_status payout_reversed_at_utc payout_reversed_at payout_type payout_description payout_destination_id regulatory_tag",
    ),
  ],
  "payout-reconciliation": [
    names(
      "automatic_payout_id automatic_payout_effective_at_utc balance_transaction_id created_utc available_on_utc currency gross fee net reporting_category source_id description",
    ),
    names(
      "automatic_payout_id automatic_payout_effective_at_utc automatic_payout_effective_at balance_transaction_id created_utc created available_on_utc available_on currency gross fee net reporting_category source_id description customer_facing_amount customer_facing_currency charge_id payment_intent_id trace_id trace_id_status",
    ),
  ],
};

/** The lines of an itemized report, the header first. */
export function* itemizedReport(
  life: BalanceLife,
  report: ItemizedReport,
  range: ReportRange,
  { timezone = "UTC", columns = reportColumns[report].at(-1) ?? [] }: ReportForm = {},
): Generator<string> {
  const inUtc = localTime("UTC");
  const inZone = localTime(timezone);
  yield csvLine(columns);
  for (const row of reportRows(life, report, range)) {
    const times = timesOf(row);
    const texts = textsOf(row);
    yield csvLine(
      columns.map((column) => {
        const time = times[column.replace(/_utc$/, "")];
        if (time !== undefined) return column.endsWith("_utc") ? inUtc(time) : inZone(time);
        return texts[column] ?? "";
      }),
    );
  }
}

function timesOf({
  transaction,
  moment,
  arrival,
  about,
  automaticPayout,
}: ReportRow): Record<string, number | undefined> {
  const reversed = about?.["status"] === "failed" || about?.["status"] === "canceled";
  return {
    created: transaction.created,
    available_on: transaction.availableOn,
    effective_at: moment,
    automatic_payout_effective_at: automaticPayout === undefined ? undefined : arrival,
    payout_reversed_at: reversed ? transaction.created : undefined,
  };
}

function textsOf({ transaction, category, automaticPayout, about }: ReportRow): Record<string, string> {
  const { currency, payment } = transaction;
  const arrival = about?.["arrival_date"];
  const trace = automaticPayout?.traceId ?? "";
  return {
    balance_transaction_id: transaction.id,
    currency,
    gross: major(transaction.amount, currency),
    fee: major(transaction.fee, currency),
    net: major(transaction.net, currency),
    reporting_category: category,
    source_id: transaction.source.id ?? "",
    description: transaction.laterDescription?.text ?? transaction.description ?? "",
    customer_facing_amount: payment === undefined ? "" : major(payment.amount, payment.currency),
    customer_facing_currency: payment?.currency ?? "",
    charge_id: payment?.charge ?? "",
    payment_intent_id: payment?.paymentIntent ?? "",
    automatic_payout_id: automaticPayout?.id ?? "",
    payout_id: about?.id ?? "",
    payout_expected_arrival_date: typeof arrival === "number" ? localTime("UTC")(arrival).slice(0, 10) : "",
    payout_status: text(about?.["status"]),
    payout_type: text(about?.["type"]),
    payout_description: text(about?.["description"]),
    payout_destination_id: about === undefined ? "" : "ba_simulator",
    trace_id: trace,
    trace_id_status: automaticPayout === undefined ? "" : trace === "" ? "unsupported" : "supported",
    customer_email: payment === undefined ? "" : "customer@example.com",
    card_brand: payment === undefined ? "" : "Visa",
    "payment_metadata[order]": payment === undefined ? "" : transaction.id.slice(-6),
  };
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function names(list: string): readonly string[] {
  return list.split(" ");
}
