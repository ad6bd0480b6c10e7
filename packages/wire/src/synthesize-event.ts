import { reconciledPrefix } from "@takings/domain";
import { amount, flag, list, properties, time } from "./field-readers.ts";
import type { EventBody } from "./listed-event.ts";
import { isFromTransfer } from "./object-facts.ts";

/** Where an object was listed, which its own fields do not always contain. */
export type ObjectOrigin = {
  readonly livemode: boolean;
  /** `null` is the platform itself. */
  readonly account: string | null;
  /** The API version in which it was listed. */
  readonly apiVersion: string;
};

/** The content of an event that is synthesized from an object. */
export type EventDraft = {
  readonly type: string;
  /** Distinguishes the ids of several events of one object; empty for the usual one. */
  readonly suffix?: string;
  /** Unix seconds, as received from Stripe. */
  readonly at: unknown;
  /** The object with the fields that the ledger reads, and no others. */
  readonly object: { readonly object: string; readonly id: unknown } & Readonly<Record<string, unknown>>;
};

/** The event as a body for the stream; none when it has no valid time. */
export function synthesizeEvent(
  draft: EventDraft,
  { livemode, account, apiVersion }: ObjectOrigin,
): readonly EventBody[] {
  const { type, suffix = "", at, object } = draft;
  const created = time(at);
  if (created === undefined) return [];
  const id = `${reconciledPrefix}${String(object.id)}${suffix}`;
  const body = {
    id,
    object: "event",
    api_version: apiVersion,
    ...(account !== null && { account }),
    created: created.getTime() / 1_000,
    data: { object },
    livemode,
    type,
    // Readers of the body must not mistake it for an event that Stripe sent.
    made_by: "takings reconcile",
  };
  return [{ id, type, created, body: Buffer.from(JSON.stringify(body)) }];
}

type Properties = Readonly<Record<string, unknown>>;
type Shown = EventDraft["object"];

/** The fields of a PaymentIntent that the ledger reads, with its charge where that is expanded. */
export function shownIntent(from: Properties): Shown {
  const facts = pick(from, ["amount", "amount_received", "currency", "status"]);
  const charge = properties(from["latest_charge"]);
  const isExpanded = charge["id"] !== undefined;
  return {
    object: "payment_intent",
    id: from["id"],
    ...facts,
    ...(isExpanded && { latest_charge: shownCharge(charge) }),
  };
}

/**
 * The fields of a charge that the ledger reads. Not its running total, which is that of today, while the event has the time
 * of the payment; only the running total of a charge that was never captured is evidence.
 */
export function shownCharge(from: Properties): Shown {
  const facts = pick(from, [
    "amount",
    "amount_captured",
    "captured",
    "currency",
    "source_transfer",
    "status",
  ]);
  const card = properties(properties(from["payment_method_details"])["card"]);
  const multicapture = pick(properties(card["multicapture"]), ["status"]);
  return {
    object: "charge",
    id: from["id"],
    ...facts,
    ...pick(from, ["payment_intent"]),
    ...("status" in multicapture && { payment_method_details: { card: { multicapture } } }),
  };
}

/** The fields of a refund that the ledger reads; evidence that it does not count replaces the ids of its objects. */
export function shownRefund(from: Properties, evidence: Properties): Shown {
  const names = ["amount", "currency", "created", "status", "reason", "source_transfer_reversal"];
  const destination = properties(from["destination_details"]);
  return {
    object: "refund",
    id: from["id"],
    ...pick(from, [...names, "payment_intent", "charge"]),
    ...("type" in destination && { destination_details: pick(destination, ["type"]) }),
    ...evidence,
  };
}

/** The fields of a dispute that the ledger reads, with the given ones of its transactions. */
export function shownDispute(from: Properties, transactions: readonly unknown[]): Shown {
  return {
    object: "dispute",
    id: from["id"],
    ...pick(from, ["amount", "currency", "charge", "payment_intent"]),
    balance_transactions: transactions.map((one) =>
      pick(properties(one), ["id", "amount", "currency", "created", "reporting_category"]),
    ),
  };
}

/** The evidence in a charge that none of its refunds counts; `undefined` where there is none. */
export function nonRefundEvidenceOfCharge(from: Properties): Shown | undefined {
  const named = { object: "charge", id: from["id"] };
  if (isFromTransfer(from)) return { ...named, ...pick(from, ["source_transfer"]) };
  const isReleased = flag(from["captured"]) === false && (amount(from["amount_refunded"]) ?? 0n) > 0n;
  return isReleased ? { ...named, ...pick(from, ["captured", "amount_refunded"]) } : undefined;
}

/** The named fields; an expanded object is replaced by its id. */
export function pick(from: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(
    names.filter((name) => name in from).map((name) => [name, properties(from[name])["id"] ?? from[name]]),
  );
}

/** When a charge was paid: by its balance transaction where that is expanded, because an authorisation may be older. */
export function settledAt(charge: unknown): unknown {
  return movedAt(properties(charge)["balance_transaction"]) ?? properties(charge)["created"];
}

/** When a balance transaction was created; `undefined` where it is not expanded. */
export function movedAt(transaction: unknown): unknown {
  return properties(transaction)["created"];
}

/** The items of a list in order of creation; those of the same second in the order listed. */
export function inOrder(transactions: unknown): readonly unknown[] {
  const at = (one: unknown): number => time(movedAt(one))?.getTime() ?? 0;
  return list(transactions).toSorted((a, b) => at(a) - at(b));
}
