import type {
  ShownBalanceTransaction,
  ShownCharge,
  ShownDispute,
  ShownObject,
  ShownPaymentIntent,
  ShownRefund,
} from "@takings/domain";
import {
  amount,
  currency,
  flag,
  id,
  list,
  properties,
  read,
  reference,
  signedAmount,
  text,
  time,
} from "./facts.ts";

type Kind = ShownObject["object"];
type Properties = Readonly<Record<string, unknown>>;

/** What the object of an event is, by the event's type: first match. Objects within say so themselves. */
const kindsByType: readonly (readonly [prefix: string, kind: Kind])[] = [
  ["payment_intent.", "payment_intent"],
  ["charge.dispute.", "dispute"],
  ["charge.refund.", "refund"],
  ["refund.", "refund"],
  ["charge.", "charge"],
];

/** Deeper than Stripe expands, and no depth at which reading could fail. */
const deepest = 12;

/** Every payment object that an event's object shows, itself included: listed, expanded, at any place within it. */
export function shownObjects(type: string, object: unknown): readonly ShownObject[] {
  const own = kindsByType.find(([prefix]) => type.startsWith(prefix))?.[1];
  return [...walk(object, { kind: own, charge: undefined }, 0)];
}

/** What the place of an object says of it: what it is, and of which charge. */
type Place = { readonly kind: Kind | undefined; readonly charge: string | undefined };

function* walk(value: unknown, place: Place, depth: number): Generator<ShownObject> {
  if (typeof value !== "object" || value === null || depth > deepest) return;
  if (Array.isArray(value) || properties(value)["object"] === "list") {
    for (const item of list(value)) yield* walk(item, place, depth + 1);
    return;
  }
  const from = properties(value);
  const kind = place.kind ?? kindOf(from["object"]);
  const shown = kind === undefined ? undefined : readShown(kind, from, place.charge);
  if (shown !== undefined) yield shown;
  for (const [name, within] of Object.entries(from)) yield* walk(within, placeOf(shown, name), depth + 1);
}

/** The refunds that a charge lists do not say everywhere what they are, and of which charge. */
function placeOf(owner: ShownObject | undefined, name: string): Place {
  const isListedRefund = owner?.object === "charge" && name === "refunds";
  return isListedRefund ? { kind: "refund", charge: owner.id } : { kind: undefined, charge: undefined };
}

const kinds: ReadonlySet<unknown> = new Set<Kind>(["payment_intent", "charge", "refund", "dispute"]);

function kindOf(name: unknown): Kind | undefined {
  return kinds.has(name) ? (name as Kind) : undefined;
}

function readShown(kind: Kind, from: Properties, parentCharge: string | undefined): ShownObject | undefined {
  const named = read(id, from["id"]);
  if (named === undefined) return undefined;
  switch (kind) {
    case "payment_intent":
      return showIntent(named, from);
    case "charge":
      return showCharge(named, from);
    case "refund":
      return showRefund(named, from, parentCharge);
    case "dispute":
      return showDispute(named, from);
  }
}

function showIntent(named: string, from: Properties): ShownPaymentIntent {
  return {
    object: "payment_intent",
    id: named,
    latestCharge: read(reference, from["latest_charge"]),
    status: read(text, from["status"]),
    amount: read(amount, from["amount"]),
    amountReceived: read(amount, from["amount_received"]),
    currency: read(currency, from["currency"]),
  };
}

function showCharge(named: string, from: Properties): ShownCharge {
  const captured = read(flag, from["captured"]);
  const refunded = read(amount, from["amount_refunded"]);
  const whole = read(amount, from["amount"]);
  // API versions before 2020-08-27 have no amount_captured.
  const isWhole = from["amount_captured"] === undefined && captured === true && refunded === 0n;
  const card = properties(properties(from["payment_method_details"])["card"]);
  return {
    object: "charge",
    id: named,
    paymentIntent: read(reference, from["payment_intent"]),
    fromTransfer: !isAbsent(from["source_transfer"]),
    status: read(text, from["status"]),
    captured,
    amount: whole,
    amountCaptured: isWhole ? whole : read(amount, from["amount_captured"]),
    amountRefunded: refunded,
    currency: read(currency, from["currency"]),
    multicapture: properties(card["multicapture"])["status"] === "available",
  };
}

function showRefund(named: string, from: Properties, parentCharge: string | undefined): ShownRefund {
  const isUnattached = from["charge"] === null && from["payment_intent"] === null;
  return {
    object: "refund",
    id: named,
    charge: read(reference, from["charge"]) ?? parentCharge,
    paymentIntent: read(reference, from["payment_intent"]),
    amount: read(amount, from["amount"]),
    currency: read(currency, from["currency"]),
    created: read(time, from["created"]),
    status: read(text, from["status"]),
    reason: read(text, from["reason"]),
    mirrorsTransferReversal: !isAbsent(from["source_transfer_reversal"]),
    // https://docs.stripe.com/payments/customer-balance/refunding
    paysOutCashBalance: isUnattached && properties(from["destination_details"])["type"] !== "card",
  };
}

function showDispute(named: string, from: Properties): ShownDispute {
  return {
    object: "dispute",
    id: named,
    charge: read(reference, from["charge"]),
    paymentIntent: read(reference, from["payment_intent"]),
    amount: read(amount, from["amount"]),
    currency: read(currency, from["currency"]),
    balanceTransactions: list(from["balance_transactions"]).flatMap(showTransaction),
  };
}

function showTransaction(transaction: unknown): readonly ShownBalanceTransaction[] {
  const from = properties(transaction);
  const moved = read(signedAmount, from["amount"]);
  const settledIn = read(currency, from["currency"]);
  if (moved === undefined || settledIn === undefined) return [];
  const reportingCategory = read(text, from["reporting_category"]);
  return [{ id: read(id, from["id"]), amount: moved, currency: settledIn, reportingCategory }];
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
