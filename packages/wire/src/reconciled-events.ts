import { isOfDispute, releaseWindowMs } from "@takings/domain";
import { amount, flag, properties, reference, signedAmount, time, word } from "./field-readers.ts";
import type { EventBody } from "./listed-event.ts";
import {
  type ObjectOrigin,
  inOrder,
  synthesizeEvent,
  movedAt,
  pick,
  nonRefundEvidenceOfCharge,
  type EventDraft,
  settledAt,
  shownCharge,
  shownDispute,
  shownIntent,
  shownRefund,
} from "./synthesize-event.ts";
import { allowsMulticapture, isAbsent } from "./object-facts.ts";

/** The kinds of objects that Stripe's API lists and that can move money. */
export type MoneyObject = "payment_intent" | "charge" | "refund" | "dispute";

type Properties = Readonly<Record<string, unknown>>;

/**
 * The events that a Stripe object would have caused, for the ledger to read like any other event; none for an object that
 * moved no money and is no evidence. Each contains only what the ledger reads, so no personal data, and is the same
 * whenever it is synthesized. A later state of the object results in an event with another id.
 */
export function reconciledEvents(
  kind: MoneyObject,
  object: unknown,
  found: ObjectOrigin,
): readonly EventBody[] {
  return draftsOf(kind, properties(object)).flatMap((draft) => synthesizeEvent(draft, found));
}

function draftsOf(kind: MoneyObject, from: Properties): readonly EventDraft[] {
  switch (kind) {
    case "payment_intent":
      return ofIntent(from);
    case "charge":
      return ofCharge(from);
    case "refund":
      return ofRefund(from);
    case "dispute":
      return ofDispute(from);
  }
}

function ofIntent(from: Properties): readonly EventDraft[] {
  const object = shownIntent(from);
  const at = settledAt(from["latest_charge"]) ?? from["created"];
  if (from["status"] === "succeeded") return [{ type: "payment_intent.succeeded", at, object }];
  const received = amount(from["amount_received"]) ?? 0n;
  // The captures of a multicapture so far; more may follow.
  if (received > 0n)
    return [
      { type: "payment_intent.amount_capturable_updated", suffix: `_received_${received}`, at, object },
    ];
  if (from["status"] !== "canceled") return [];
  // Evidence that what looks like a refund only released an authorisation.
  const canceled = shownIntent({ ...from, latest_charge: undefined });
  const canceledAt = from["canceled_at"] ?? from["created"];
  return [{ type: "payment_intent.canceled", suffix: "_canceled", at: canceledAt, object: canceled }];
}

function ofCharge(from: Properties): readonly EventDraft[] {
  const evidence = nonRefundEvidenceOfCharge(from);
  if (evidence !== undefined)
    return [{ type: "charge.updated", suffix: "_proof", at: from["created"], object: evidence }];
  if (reference(from["payment_intent"]) !== undefined) return ofIntentOfCharge(from);
  if (flag(from["captured"]) === false) return [];
  const object = shownCharge(from);
  if (from["status"] === "failed") {
    // The object does not show whether it was paid before it failed: it counts where the payment is known.
    const at = movedAt(from["failure_balance_transaction"]) ?? from["created"];
    return [{ type: "charge.failed", suffix: "_failed", at, object }];
  }
  if (from["status"] !== "succeeded") return [];
  const suffix = allowsMulticapture(from) ? `_captured_${String(from["amount_captured"])}` : "";
  return [{ type: "charge.succeeded", suffix, at: settledAt(from), object }];
}

/** The money is that of the PaymentIntent, which may be much older than the charge that paid it. */
function ofIntentOfCharge(charge: Properties): readonly EventDraft[] {
  const intent = properties(charge["payment_intent"]);
  const isLatest = reference(intent["latest_charge"]) === charge["id"];
  return isLatest ? ofIntent({ ...intent, latest_charge: charge }) : [];
}

function ofRefund(from: Properties): readonly EventDraft[] {
  const evidence = nonRefundEvidence(from);
  const object = shownRefund(from, evidence);
  const suffix = Object.keys(evidence).length > 0 ? "_proof" : "";
  // Its state before it failed, in case it fails after the last reconciliation.
  const made = {
    type: "refund.created",
    suffix,
    at: from["created"],
    object: { ...object, status: "succeeded" },
  };
  if (from["status"] !== "failed" && from["status"] !== "canceled") return [made];
  const at = movedAt(from["failure_balance_transaction"]) ?? from["created"];
  return [{ type: "refund.failed", suffix: `${suffix}_reversal`, at, object }, made];
}

/** The evidence, in the expanded charge and PaymentIntent of a refund, that it does not count as a refund. */
function nonRefundEvidence(from: Properties): Properties {
  const charge = properties(from["charge"]);
  const intent = properties(from["payment_intent"]);
  const ofCharge = nonRefundEvidenceOfCharge(charge) ?? partialCaptureEvidence(from, charge);
  const isCanceled = intent["status"] === "canceled" && amount(intent["amount_received"]) === 0n;
  const ofIntent = { object: "payment_intent", ...pick(intent, ["id", "status", "amount_received"]) };
  return {
    ...(ofCharge !== undefined && { charge: ofCharge }),
    ...(isCanceled && { payment_intent: ofIntent }),
  };
}

/**
 * The partial capture whose rest a refund may be: docs/revenue.md has the rule. It contains how much was captured, but not
 * what would make it a payment, because the event is as old as the refund. A capture of unknown time may have been at that
 * time.
 */
function partialCaptureEvidence(refund: Properties, charge: Properties): Properties | undefined {
  const authorised = amount(charge["amount"]);
  const captured = amount(charge["amount_captured"]);
  if (flag(charge["captured"]) !== true || authorised === undefined || captured === undefined)
    return undefined;
  const isRest = captured < authorised && amount(refund["amount"]) === authorised - captured;
  if (!isRest || !isAbsent(refund["reason"]) || allowsMulticapture(charge)) return undefined;
  const capturedAt = time(movedAt(charge["balance_transaction"]))?.getTime();
  const madeAt = time(refund["created"])?.getTime();
  const isLater = capturedAt !== undefined && madeAt !== undefined && madeAt > capturedAt + releaseWindowMs;
  if (isLater) return undefined;
  return {
    object: "charge",
    ...pick(charge, ["id", "amount", "amount_captured", "captured", "payment_intent"]),
  };
}

function ofDispute(from: Properties): readonly EventDraft[] {
  const transactions = inOrder(from["balance_transactions"]).filter(isMoneyOfDispute);
  const steps = (
    type: string,
    suffix: string,
    moves: (moved: bigint | undefined) => boolean,
  ): readonly EventDraft[] =>
    transactions
      .filter((one) => moves(signedAmount(properties(one)["amount"])))
      .map((one, n) => ({
        type,
        suffix: n === 0 ? suffix : `${suffix}_${n + 1}`,
        at: movedAt(one) ?? from["created"],
        object: shownDispute(from, transactions.slice(0, transactions.indexOf(one) + 1)),
      }));
  return [
    // An amount that cannot be read is quarantined later.
    ...steps("charge.dispute.funds_withdrawn", "", (moved) => moved === undefined || moved < 0n),
    ...steps("charge.dispute.funds_reinstated", "_reversal", (moved) => moved !== undefined && moved > 0n),
  ];
}

function isMoneyOfDispute(transaction: unknown): boolean {
  return isOfDispute(word(properties(transaction)["reporting_category"]));
}
