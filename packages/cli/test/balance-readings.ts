import { createPaymentService, type EventRecord } from "@takings/domain";
import { balanceReading, toEventRecord } from "@takings/wire";

const begin = Date.UTC(2024, 4, 1) / 1_000;
const day = 86_400;

/** The fields of an object of Stripe's API. */
export type Fields = Readonly<Record<string, unknown>>;

/** A balance transaction as Stripe's API shows it. */
export function transaction(id: string, fields: Fields = {}): Fields {
  return {
    object: "balance_transaction",
    id,
    type: "charge",
    reporting_category: "charge",
    amount: 1_000,
    fee: 59,
    net: 941,
    currency: "usd",
    created: begin,
    available_on: begin + 2 * day,
    status: "pending",
    balance_type: "payments",
    source: "ch_1",
    ...fields,
  };
}

/** The own transaction of a payout, and that payout, which takes the net of one {@link transaction}. */
export function ownTransaction(id: string, payout: string): Fields {
  const names = { type: "payout", reporting_category: "payout", source: payout };
  return transaction(id, { ...names, amount: -941, fee: 0, net: -941 });
}

/** An automatic payout that has arrived, as Stripe's API shows it. */
export function payout(id: string): Fields {
  return {
    object: "payout",
    id,
    amount: 941,
    currency: "usd",
    status: "paid",
    automatic: true,
    arrival_date: begin + 3 * day,
    created: begin,
    reconciliation_status: "completed",
  };
}

/** The event of an object that was read at a second: a transaction as a member of `po_1`, a payout with one member. */
export function read(object: Fields, second: number, account: string | null = null): EventRecord {
  const of =
    object["object"] === "payout"
      ? ({ kind: "payout", object, members: 1 } as const)
      : ({ kind: "transaction", object, payout: "po_1" } as const);
  const at = { round: new Date(begin * 1_000), at: new Date((begin + second) * 1_000) };
  const { body } = balanceReading(of, { livemode: true, account, apiVersion: "2025-01-01" }, at);
  return toEventRecord({ source: "default", body, receivedAt: at.at }, createPaymentService());
}
