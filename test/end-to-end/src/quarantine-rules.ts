import { type Exact, itemsOf, member, textOf } from "./exact-body.ts";

/** What an event that should count, and cannot be understood, is thrown out with. */
class UnintelligibleEvent extends Error {}

/** Whether the event moves money by itself. Throws where it does not say what it must say then. */
type Rule = (object: Exact, apiVersion: string) => boolean;

/** What moves money, one line per event type. Any other type is evidence, and may be as it is. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["payment_intent.succeeded", isPayment],
  ["charge.succeeded", isPaymentOfCharge],
  ["charge.captured", isPaymentOfCharge],
  ["charge.failed", (charge) => isAlone(charge) && text(charge, "id") !== ""],
  ["refund.created", isRefund],
  ["refund.updated", isRefund],
  ["refund.failed", isRefund],
  ["charge.refund.updated", isRefund],
  ["charge.refunded", isRefunded],
  ["charge.dispute.funds_withdrawn", (dispute) => isMoved(dispute, (amount) => amount < 0n)],
  ["charge.dispute.funds_reinstated", (dispute) => isMoved(dispute, (amount) => amount > 0n)],
]);

/** Whether an event should count and cannot be understood. */
export function mustBeQuarantined(event: Exact): boolean {
  const type = textOf(member(event, "type")) ?? "";
  if (type.startsWith("v1.")) return rules.has(type.slice("v1.".length));
  const object = member(member(event, "data"), "object");
  try {
    const counts = rules.get(type)?.(object, textOf(member(event, "api_version")) ?? "") ?? false;
    return counts && typeof member(event, "livemode") !== "boolean";
  } catch (error) {
    if (error instanceof UnintelligibleEvent) return true;
    throw error;
  }
}

function isPayment(intent: Exact): boolean {
  return money(intent, "amount_received") !== 0n && isNamedMoney(intent);
}

/** Only a charge without a PaymentIntent is money of its own, and not as a transfer's mirror. */
function isAlone(charge: Exact): boolean {
  return member(charge, "payment_intent") === null && member(charge, "source_transfer") === null;
}

function isPaymentOfCharge(charge: Exact): boolean {
  if (!isAlone(charge) || member(charge, "captured") === false) return false;
  if (member(charge, "captured") !== true)
    throw new UnintelligibleEvent("captured is neither true nor false");
  const isMissing = member(charge, "amount_captured") === null && !isNull(charge, "amount_captured");
  const isBefore = isMissing && member(charge, "amount_refunded") === 0n;
  return money(charge, isBefore ? "amount" : "amount_captured") !== 0n && isNamedMoney(charge);
}

/** What says itself that it is none may be as it is. */
function isRefund(refund: Exact): boolean {
  const isCashBalance =
    isNull(refund, "charge") &&
    isNull(refund, "payment_intent") &&
    textOf(member(member(refund, "destination_details"), "type")) !== "card";
  const isNone =
    member(refund, "source_transfer_reversal") !== null ||
    member(refund, "reason") === "expired_uncaptured_charge" ||
    isCashBalance;
  if (isNone || money(refund, "amount") === 0n) return false;
  whole(refund, "created");
  return isNamedMoney(refund);
}

/** The list of refunds counts; in versions that have none and tell of no refund, the running total. */
function isRefunded(charge: Exact, apiVersion: string): boolean {
  const refunds = itemsOf(member(charge, "refunds"));
  if (refunds.length > 0) return refunds.filter(isRefund).length > 0;
  const isTold = apiVersion < "2022-11-15" || apiVersion >= "2024-10-28";
  const isNone = member(charge, "captured") === false || member(charge, "source_transfer") !== null;
  if (isTold || isNone || money(charge, "amount_refunded") === 0n) return false;
  return isNamedMoney(charge);
}

/** The balance transactions say what really moved; the disputed amount is needed where there are none. */
function isMoved(dispute: Exact, isSo: (amount: bigint) => boolean): boolean {
  currency(dispute);
  const moved = itemsOf(member(dispute, "balance_transactions")).map((one) => whole(one, "amount"));
  return (moved.some(isSo) || money(dispute, "amount") !== 0n) && isNamedMoney(dispute);
}

function isNamedMoney(object: Exact): true {
  text(object, "id");
  currency(object);
  return true;
}

function currency(object: Exact): void {
  if (!/^[a-z]{3}$/.test(text(object, "currency"))) throw new UnintelligibleEvent("the currency is none");
}

function money(object: Exact, key: string): bigint {
  const amount = whole(object, key);
  if (amount < 0n) throw new UnintelligibleEvent(`${key} is negative`);
  return amount;
}

function whole(object: Exact, key: string): bigint {
  const value = member(object, key);
  if (typeof value !== "bigint") throw new UnintelligibleEvent(`${key} is not a whole number`);
  return value;
}

function text(object: Exact, key: string): string {
  const value = textOf(member(object, key));
  if (value === null) throw new UnintelligibleEvent(`${key} is not a text`);
  return value;
}

/** There, and null; what is left out says nothing. */
function isNull(object: Exact, key: string): boolean {
  return (
    object !== null &&
    typeof object === "object" &&
    Object.hasOwn(object, key) &&
    member(object, key) === null
  );
}
