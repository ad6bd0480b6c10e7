import { reconciledPrefix } from "@takings/domain";
import { list, properties, read, signedAmount, time } from "./facts.ts";
import type { EventBody } from "./listed-event.ts";

/** What Stripe's API lists that can be money. */
export type MoneyObject = "payment_intent" | "charge" | "refund" | "dispute";

/** Where an object was found, which it does not always say itself. */
export type Found = {
  readonly livemode: boolean;
  /** `null` is the platform itself. */
  readonly account: string | null;
  /** The API version in which it was listed. */
  readonly apiVersion: string;
};

/**
 * The events that an object of Stripe's would have caused, for the ledger to read like any other event; none for one
 * that moved no money. Each is made only of what the ledger reads, so it holds nothing about a person, and is the
 * same whenever it is made. What was taken and what was given back are two events with an id each, because the
 * second may come about long after the first was stored.
 */
export function reconciledEvents(kind: MoneyObject, object: unknown, found: Found): readonly EventBody[] {
  const from = properties(object);
  const says = (type: string, at: unknown, names: readonly string[], suffix = ""): EventBody[] => {
    const created = read(time, at);
    const id = `${reconciledPrefix}${String(from["id"])}${suffix}`;
    return created === undefined ? [] : [event({ id, type, created }, { kind, from, names }, found)];
  };
  switch (kind) {
    case "payment_intent":
      // It proves that what looks like a refund only let go of an authorisation.
      if (from["status"] === "canceled")
        return says("payment_intent.canceled", from["canceled_at"], intentFacts);
      if (from["status"] !== "succeeded") return [];
      return says(
        "payment_intent.succeeded",
        settledAt(from["latest_charge"]) ?? from["created"],
        intentFacts,
      );
    case "charge":
      return from["status"] === "succeeded" ? says("charge.succeeded", settledAt(from), chargeFacts) : [];
    case "refund": {
      const failed = from["status"] === "failed" || from["status"] === "canceled";
      return failed
        ? says(
            "refund.failed",
            movedAt(from["failure_balance_transaction"]) ?? from["created"],
            refundFacts,
            back,
          )
        : says("refund.created", from["created"], refundFacts);
    }
    case "dispute": {
      const moved = (isOurs: (amount: bigint) => boolean): unknown =>
        list(from["balance_transactions"]).find((one) =>
          isOurs(read(signedAmount, properties(one)["amount"]) ?? 0n),
        );
      const taken = moved((amount) => amount < 0n);
      const returned = moved((amount) => amount > 0n);
      return [
        ...(taken === undefined ? [] : says("charge.dispute.funds_withdrawn", movedAt(taken), disputeFacts)),
        ...(returned === undefined
          ? []
          : says("charge.dispute.funds_reinstated", movedAt(returned), disputeFacts, back)),
      ];
    }
  }
}

const back = "_reversal";
const chargeFacts = [
  "amount",
  "amount_captured",
  "amount_refunded",
  "captured",
  "currency",
  "payment_intent",
  "payment_method_details",
  "source_transfer",
  "status",
];
const intentFacts = ["amount", "amount_received", "currency", "status"];
const refundFacts = [
  "amount",
  "currency",
  "created",
  "status",
  "reason",
  "payment_intent",
  "charge",
  "destination_details",
  "source_transfer_reversal",
];
const disputeFacts = ["amount", "currency", "charge", "payment_intent", "status", "balance_transactions"];

/** When a charge's money came: its balance transaction says so, where it is there; an authorisation may be older. */
function settledAt(charge: unknown): unknown {
  const { balance_transaction: transaction, created } = properties(charge);
  return movedAt(transaction) ?? created;
}

function movedAt(transaction: unknown): unknown {
  return properties(transaction)["created"];
}

type Facts = {
  readonly kind: MoneyObject;
  readonly from: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
};

function event(
  named: { readonly id: string; readonly type: string; readonly created: Date },
  { kind, from, names }: Facts,
  { livemode, account, apiVersion }: Found,
): EventBody {
  const body = {
    id: named.id,
    object: "event",
    api_version: apiVersion,
    ...(account !== null && { account }),
    created: named.created.getTime() / 1_000,
    data: { object: { id: from["id"], object: kind, ...pick(from, names) } },
    livemode,
    type: named.type,
    // Whoever reads the body must not take it for something that Stripe sent.
    made_by: "takings reconcile",
  };
  return { ...named, body: Buffer.from(JSON.stringify(body)) };
}

/** The named facts; of objects within, what they are named by or what was moved. */
function pick(
  from: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    names.filter((name) => name in from).map((name) => [name, within(name, from[name])]),
  );
}

function within(name: string, value: unknown): unknown {
  const from = properties(value);
  switch (name) {
    case "balance_transactions":
      return list(value).map((one) =>
        pick(properties(one), ["id", "amount", "currency", "created", "reporting_category"]),
      );
    case "destination_details":
      return pick(from, ["type"]);
    case "payment_method_details":
      return {
        card: { multicapture: pick(properties(properties(from["card"])["multicapture"]), ["status"]) },
      };
  }
  if (typeof value !== "object" || value === null) return value;
  if (name === "charge") return { object: "charge", id: from["id"], ...pick(from, chargeFacts) };
  if (name === "payment_intent")
    return { object: "payment_intent", id: from["id"], ...pick(from, intentFacts) };
  return from["id"];
}
