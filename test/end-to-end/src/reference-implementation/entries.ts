import type { Shown, ParsedEvent } from "./events.ts";

export type Entry = {
  readonly kind: "payment" | "refund" | "refund_reversal" | "dispute" | "dispute_reversal";
  readonly account: string | null;
  readonly livemode: boolean;
  readonly object_id: string;
  /** The event that is part of its key, if one is. */
  readonly key_event: string | null;
  readonly amount: bigint;
  readonly currency: string;
  readonly occurred_at: number;
  readonly payment_intent: string | null;
  readonly event_id: string;
};

export type Gap = {
  readonly kind: "payment" | "refund";
  readonly object_id: string;
  readonly payment_intent: string | null;
  readonly amount: bigint;
  readonly currency: string;
  readonly seen_at: number;
  readonly event_id: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

type EntryFields = {
  readonly kind: Entry["kind"];
  readonly object_id: string;
  readonly amount: bigint;
  readonly payment_intent: string | undefined;
  readonly keyed?: boolean;
  readonly occurred_at?: number;
};

/** An entry that `by` decides. */
export function entry(by: Shown, fields: EntryFields): Entry {
  const { event } = by;
  return {
    kind: fields.kind,
    ...scopeOf(event),
    object_id: fields.object_id,
    key_event: fields.keyed === true ? event.id : null,
    amount: fields.amount,
    currency: currencyOf(by),
    occurred_at: fields.occurred_at ?? event.created,
    payment_intent: fields.payment_intent ?? null,
    event_id: event.id,
  };
}

export function scopeOf({ account, livemode }: ParsedEvent): Pick<Entry, "account" | "livemode"> {
  return { account, livemode };
}

export function currencyOf({ body }: Shown): string {
  return String(body["currency"]);
}
