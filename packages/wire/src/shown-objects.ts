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
  reference,
  signedAmount,
  time,
  word,
} from "./field-readers.ts";
import {
  allowsMulticapture,
  capturedAmount,
  isFromTransfer,
  mirrorsTransferReversal,
  paysOutCashBalance,
} from "./object-facts.ts";

type Kind = ShownObject["object"];
type Properties = Readonly<Record<string, unknown>>;

/** The kind of an event's own object, by the event's type: first match. Nested objects name their kind. */
const kindsByType: readonly (readonly [prefix: string, kind: Kind])[] = [
  ["payment_intent.", "payment_intent"],
  ["charge.dispute.", "dispute"],
  ["charge.refund.", "refund"],
  ["refund.", "refund"],
  ["charge.", "charge"],
];

/** Deeper than Stripe expands, and not so deep that the recursion could fail. */
const maxDepth = 12;

/** Every payment object within an event's object, itself included: listed or expanded, at any depth. */
export function shownObjects(type: string, object: unknown): readonly ShownObject[] {
  const own = kindsByType.find(([prefix]) => type.startsWith(prefix))?.[1];
  const found: ShownObject[] = [];
  collect(object, { kind: own, charge: undefined, depth: 0 }, found);
  return found;
}

/** What follows from where an object is: its kind, and the charge it belongs to. */
type Place = {
  readonly kind: Kind | undefined;
  readonly charge: string | undefined;
  readonly depth: number;
};

// Every value of every event is visited, so this allocates as little as possible.
function collect(value: unknown, place: Place, found: ShownObject[]): void {
  if (typeof value !== "object" || value === null || place.depth > maxDepth) return;
  const isList = Array.isArray(value) || (value as Properties)["object"] === "list";
  if (isList) {
    const deeper = { ...place, depth: place.depth + 1 };
    for (const item of list(value)) collect(item, deeper, found);
    return;
  }
  const from = value as Properties;
  const kind = place.kind ?? kindOf(from["object"]);
  const shown = kind === undefined ? undefined : readShown(kind, from, place.charge);
  if (shown !== undefined) found.push(shown);
  const ordinary = { kind: undefined, charge: undefined, depth: place.depth + 1 };
  for (const name of Object.keys(from)) {
    const within = from[name];
    if (typeof within !== "object" || within === null) continue;
    // In some API versions the refunds listed in a charge name neither their kind nor their charge.
    const isOfCharge = shown?.object === "charge" && name === "refunds";
    if (!isOfCharge) collect(within, ordinary, found);
    else
      for (const item of list(within))
        collect(item, { ...ordinary, kind: "refund", charge: shown.id }, found);
  }
}

const kinds: ReadonlySet<unknown> = new Set<Kind>(["payment_intent", "charge", "refund", "dispute"]);

function kindOf(name: unknown): Kind | undefined {
  return kinds.has(name) ? (name as Kind) : undefined;
}

function readShown(kind: Kind, from: Properties, parentCharge: string | undefined): ShownObject | undefined {
  const named = id(from["id"]);
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

/** Of a PaymentIntent in progress, the rules use nothing but its latest charge. */
function showIntent(named: string, from: Properties): ShownPaymentIntent | undefined {
  const latestCharge = reference(from["latest_charge"]);
  const status = word(from["status"]);
  const amountReceived = amount(from["amount_received"]);
  const isInProgress = status !== "succeeded" && status !== "canceled" && (amountReceived ?? 0n) === 0n;
  if (isInProgress && latestCharge === undefined) return undefined;
  return {
    object: "payment_intent",
    id: named,
    latestCharge,
    status,
    amount: amount(from["amount"]),
    amountReceived,
    currency: currency(from["currency"]),
  };
}

function showCharge(named: string, from: Properties): ShownCharge {
  return {
    object: "charge",
    id: named,
    paymentIntent: reference(from["payment_intent"]),
    fromTransfer: isFromTransfer(from),
    status: word(from["status"]),
    captured: flag(from["captured"]),
    amount: amount(from["amount"]),
    amountCaptured: capturedAmount(from),
    amountRefunded: amount(from["amount_refunded"]),
    currency: currency(from["currency"]),
    multicapture: allowsMulticapture(from),
  };
}

function showRefund(named: string, from: Properties, parentCharge: string | undefined): ShownRefund {
  return {
    object: "refund",
    id: named,
    charge: reference(from["charge"]) ?? parentCharge,
    paymentIntent: reference(from["payment_intent"]),
    amount: amount(from["amount"]),
    currency: currency(from["currency"]),
    created: time(from["created"]),
    status: word(from["status"]),
    reason: word(from["reason"]),
    mirrorsTransferReversal: mirrorsTransferReversal(from),
    paysOutCashBalance: paysOutCashBalance(from),
  };
}

function showDispute(named: string, from: Properties): ShownDispute {
  return {
    object: "dispute",
    id: named,
    charge: reference(from["charge"]),
    paymentIntent: reference(from["payment_intent"]),
    amount: amount(from["amount"]),
    currency: currency(from["currency"]),
    balanceTransactions: list(from["balance_transactions"]).flatMap(showTransaction),
  };
}

function showTransaction(transaction: unknown): readonly ShownBalanceTransaction[] {
  const from = properties(transaction);
  const moved = signedAmount(from["amount"]);
  const settledIn = currency(from["currency"]);
  if (moved === undefined || settledIn === undefined) return [];
  const reportingCategory = word(from["reporting_category"]);
  return [{ id: id(from["id"]), amount: moved, currency: settledIn, reportingCategory }];
}
