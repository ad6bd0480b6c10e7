import { type Exact, itemsOf, member, textOf } from "./exact-body.ts";

/** Money that one event says has moved. */
export type Movement = {
  readonly kind: "payment" | "refund" | "refund_reversal" | "dispute" | "dispute_reversal";
  /** Signed, in minor units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly objectId: string;
  readonly paymentIntent: string | null;
  /** In seconds; `null` where the time of the event counts. */
  readonly occurredAt: bigint | null;
};

/** What an event that should count, and cannot be understood, is thrown out with. */
export class Puzzling extends Error {}

type Rule = (object: Exact, apiVersion: string) => readonly Movement[];

/** What moves money, one line per event type. Any other type counts nothing. */
export const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["payment_intent.succeeded", paymentOfIntent],
  ["charge.succeeded", paymentOfCharge],
  ["charge.captured", paymentOfCharge],
  ["refund.created", (refund) => refundByItself(refund, member(refund, "charge"))],
  ["refund.updated", (refund) => refundByItself(refund, member(refund, "charge"))],
  ["refund.failed", (refund) => refundByItself(refund, member(refund, "charge"))],
  ["charge.refund.updated", (refund) => refundByItself(refund, member(refund, "charge"))],
  ["charge.refunded", refundsOfCharge],
  ["charge.dispute.funds_withdrawn", disputeWithdrawn],
  ["charge.dispute.funds_reinstated", disputeReinstated],
]);

function paymentOfIntent(intent: Exact): Movement[] {
  const id = text(intent, "id");
  return [movement("payment", id, money(intent, "amount_received"), intent, id)];
}

/** Only a charge without a PaymentIntent is money of its own, and only once captured, and not as a transfer's mirror. */
function paymentOfCharge(charge: Exact): Movement[] {
  const counts =
    member(charge, "payment_intent") === null &&
    member(charge, "captured") === true &&
    member(charge, "source_transfer") === null;
  if (!counts) return [];
  return [movement("payment", text(charge, "id"), money(charge, "amount_captured"), charge, null)];
}

function refundByItself(refund: Exact, charge: Exact): Movement[] {
  const nothingTaken = member(charge, "captured") === false || member(charge, "amount_captured") === 0n;
  if (member(refund, "reason") === "expired_uncaptured_charge" || nothingTaken) return [];
  const amount = money(refund, "amount");
  const id = text(refund, "id");
  const intent = textOf(member(refund, "payment_intent")) ?? textOf(member(charge, "payment_intent"));
  const taken = { ...movement("refund", id, -amount, refund, intent), occurredAt: whole(refund, "created") };
  const hasFailed = ["failed", "canceled"].includes(textOf(member(refund, "status")) ?? "");
  return hasFailed ? [taken, movement("refund_reversal", id, amount, refund, intent)] : [taken];
}

function refundsOfCharge(charge: Exact, apiVersion: string): Movement[] {
  const refunds = itemsOf(member(charge, "refunds"));
  const rest = releasedRest(charge, refunds, apiVersion);
  return refunds.filter((refund) => refund !== rest).flatMap((refund) => refundByItself(refund, charge));
}

/**
 * Before 2025-03-31 a partial capture let go of the rest as a "refund", made with the capture and so the first
 * of the list. The rest was never captured, so it gives nothing back.
 */
function releasedRest(charge: Exact, refunds: readonly Exact[], apiVersion: string): Exact | undefined {
  const [all, captured] = [member(charge, "amount"), member(charge, "amount_captured")];
  if (apiVersion >= "2025-03-31" || typeof all !== "bigint" || typeof captured !== "bigint") return undefined;
  const earliest = refunds.toSorted((a, b) => Number(whole(a, "created") - whole(b, "created")))[0];
  return earliest !== undefined && all > captured && member(earliest, "amount") === all - captured
    ? earliest
    : undefined;
}

function disputeWithdrawn(dispute: Exact): Movement[] {
  const taken = balanceMovements(dispute).filter((amount) => amount < 0n);
  const amount = taken.length > 0 ? -sum(taken) : money(dispute, "amount");
  return [disputeMovement("dispute", dispute, -amount)];
}

function disputeReinstated(dispute: Exact): Movement[] {
  const given = balanceMovements(dispute).filter((amount) => amount > 0n);
  return [
    disputeMovement("dispute_reversal", dispute, given.length > 0 ? sum(given) : money(dispute, "amount")),
  ];
}

function disputeMovement(kind: Movement["kind"], dispute: Exact, amount: bigint): Movement {
  return movement(kind, text(dispute, "id"), amount, dispute, textOf(member(dispute, "payment_intent")));
}

/** The dispute's movements on the balance, as far as they are in the dispute's own currency. */
function balanceMovements(dispute: Exact): bigint[] {
  return itemsOf(member(dispute, "balance_transactions"))
    .filter((transaction) => member(transaction, "currency") === member(dispute, "currency"))
    .map((transaction) => whole(transaction, "amount"));
}

function movement(
  kind: Movement["kind"],
  objectId: string,
  amount: bigint,
  source: Exact,
  paymentIntent: string | null,
): Movement {
  const currency = text(source, "currency");
  if (!/^[a-z]{3}$/.test(currency)) throw new Puzzling(`currency ${currency}`);
  return { kind, amount, currency, objectId, paymentIntent, occurredAt: null };
}

function money(object: Exact, key: string): bigint {
  const amount = whole(object, key);
  if (amount < 0n) throw new Puzzling(`${key} is negative`);
  return amount;
}

function whole(object: Exact, key: string): bigint {
  const value = member(object, key);
  if (typeof value !== "bigint") throw new Puzzling(`${key} is not a whole number`);
  return value;
}

function text(object: Exact, key: string): string {
  const value = textOf(member(object, key));
  if (value === null) throw new Puzzling(`${key} is not a text`);
  return value;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
