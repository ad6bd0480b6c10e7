import { type EntryKind, entryKinds, type LedgerEntry } from "@takings/domain";
import { z } from "zod";
import { account, instant, source } from "./fields.ts";
import { type Money, money, moneyOf } from "./money.ts";

/** A ledger entry in a response. */
export type Entry = {
  readonly id: string;
  readonly kind: EntryKind;
  readonly amount: Money;
  readonly currency: string;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly object_id: string;
  readonly payment_intent: string | null;
  readonly event_id: string;
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

/** Schema of {@link Entry}. */
export const entry: z.ZodType<Entry> = z
  .object({
    id: z.string(),
    kind: z.enum(entryKinds),
    amount: money.meta({ description: "Signed: refunds and disputes are negative." }),
    currency: z.string(),
    occurred_at: instant,
    recorded_at: instant,
    object_id: z.string().meta({ description: "The PaymentIntent, charge, refund or dispute." }),
    payment_intent: z.string().nullable(),
    event_id: z.string().meta({ description: "The source event, which this entry takes its fields from." }),
    source,
    account,
    livemode: z.boolean(),
  })
  .meta({
    id: "Entry",
    description: "One movement of money, counted once however many events report it.",
  });

/** Converts a ledger entry to its response form. */
export function entryOf(stored: LedgerEntry): Entry {
  return {
    id: stored.id,
    kind: stored.kind,
    amount: moneyOf(stored.amount, stored.currency),
    currency: stored.currency,
    occurred_at: stored.occurredAt,
    recorded_at: stored.recordedAt,
    object_id: stored.objectId,
    payment_intent: stored.paymentIntent,
    event_id: stored.eventId,
    source: stored.source,
    account: stored.account,
    livemode: stored.livemode,
  };
}
