import { reconciledPrefix } from "@takings/domain";
import { amount, flag, list, properties, time } from "./facts.ts";
import type { EventBody } from "./listed-event.ts";
import { isFromTransfer } from "./object-facts.ts";

/** Where an object was found, which it does not always say itself. */
export type ObjectOrigin = {
  readonly livemode: boolean;
  /** `null` is the platform itself. */
  readonly account: string | null;
  /** The API version in which it was listed. */
  readonly apiVersion: string;
};

/** What an event says that is made from an object. */
export type EventDraft = {
  readonly type: string;
  /** What tells it apart from other events of the same object; empty for the one that most objects make. */
  readonly suffix?: string;
  /** Unix seconds, as Stripe gave them. */
  readonly at: unknown;
  /** The object with the facts that the ledger reads, and nothing else. */
  readonly object: { readonly object: string; readonly id: unknown } & Readonly<Record<string, unknown>>;
};

/** The event as a body for the stream; none where no time can be read. */
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
    // Whoever reads the body must not take it for something that Stripe sent.
    made_by: "takings reconcile",
  };
  return [{ id, type, created, body: Buffer.from(JSON.stringify(body)) }];
}

type Properties = Readonly<Record<string, unknown>>;
type Shown = EventDraft["object"];

/** What a PaymentIntent says for the ledger, with its charge where that was expanded. */
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
 * What a charge says for the ledger. Not its running total, which is of today, while the event is of the day when the
 * money came; only that of a charge that was never captured proves something.
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

/** What a refund says for the ledger, with what proves that it is none in the place of the objects that it names. */
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

/** What a dispute says for the ledger when these of its transactions had been made. */
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

/** What of a charge proves that no refund of it is one; `undefined` where nothing does. */
export function nonRefundEvidenceOfCharge(from: Properties): Shown | undefined {
  const named = { object: "charge", id: from["id"] };
  if (isFromTransfer(from)) return { ...named, ...pick(from, ["source_transfer"]) };
  const isReleased = flag(from["captured"]) === false && (amount(from["amount_refunded"]) ?? 0n) > 0n;
  return isReleased ? { ...named, ...pick(from, ["captured", "amount_refunded"]) } : undefined;
}

/** The named facts; of an object in the place of its id, the id. */
export function pick(from: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(
    names.filter((name) => name in from).map((name) => [name, properties(from[name])["id"] ?? from[name]]),
  );
}

/** When a charge's money came: its balance transaction says so, where it is there; an authorisation may be older. */
export function settledAt(charge: unknown): unknown {
  return movedAt(properties(charge)["balance_transaction"]) ?? properties(charge)["created"];
}

/** When a balance transaction was made; `undefined` where it is not there itself. */
export function movedAt(transaction: unknown): unknown {
  return properties(transaction)["created"];
}

/** The items of a list in the order of their making; those of one second as they were listed. */
export function inOrder(transactions: unknown): readonly unknown[] {
  const at = (one: unknown): number => time(movedAt(one))?.getTime() ?? 0;
  return list(transactions).toSorted((a, b) => at(a) - at(b));
}
