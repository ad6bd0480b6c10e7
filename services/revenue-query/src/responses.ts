import { type EntryKind, entryKinds, type OpenGap } from "@takings/domain";
import { z } from "zod";

/** An exact amount: in the currency's minor unit, and as decimal text. Strings, as JSON numbers are floats. */
export type Money = { readonly minor: string; readonly major: string };

/** What happened in one currency. `net` is `gross` less `refunded` less `disputed`. */
export type Total = {
  readonly currency: string;
  readonly exponent: number;
  readonly gross: Money;
  readonly refunded: Money;
  readonly disputed: Money;
  readonly net: Money;
  readonly counts: { readonly payments: number; readonly refunds: number; readonly disputes: number };
  readonly ledger: string;
};

/** A ledger entry as it is shown. */
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
  readonly account: string | null;
  readonly livemode: boolean;
};

/** An event as it is shown, without its body. */
export type EventSummary = {
  readonly event_id: string;
  readonly type: string;
  readonly created: string;
  readonly received_at: string;
  readonly livemode: boolean | null;
  readonly account: string | null;
  readonly object_id: string | null;
  readonly status: "processed" | "quarantined";
  readonly reason: string | null;
};

export type Event = EventSummary & {
  readonly payload: string | null;
  readonly payload_removed_at: string | null;
};

/** A gap as it is shown. */
export type Gap = {
  readonly kind: OpenGap["kind"];
  readonly object_id: string;
  readonly payment_intent: string | null;
  readonly amount: Money;
  readonly currency: string;
  readonly seen_at: string;
  readonly event_id: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

/** What every answer about revenue says of the question it answers. */
export type Heading = {
  readonly from: string | null;
  readonly to: string | null;
  readonly timezone: string;
  readonly livemode: boolean;
  readonly account: string | null;
  readonly as_of: string;
};

const count = z.int().min(0);
const account = z.string().nullable().meta({ description: "The connected account; null is the platform." });

/** RFC 3339 in UTC. */
const instant: z.ZodType<string> = z.string().meta({ format: "date-time" });

/** The moment an answer is as of: what was recorded later is not in it. */
export const asOf: z.ZodType<string> = z.string().meta({
  format: "date-time",
  description: "The moment this answer is as of: everything recorded until then is in it, and nothing later.",
});

/** The cursor of the next page. */
export const nextCursor: z.ZodType<string | null> = z
  .string()
  .nullable()
  .meta({ description: "The `cursor` of the next page; null at the end." });

export const money: z.ZodType<Money> = z
  .object({
    minor: z
      .string()
      .regex(/^-?\d+$/)
      .meta({ description: "In the currency's minor unit.", example: "1250000" }),
    major: z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .meta({ description: "In the currency itself, exact.", example: "12500.00" }),
  })
  .meta({ id: "Money", description: "An exact amount." });

export const total: z.ZodType<Total> = z
  .object({
    currency: z.string().meta({ description: "Three lower-case letters.", example: "usd" }),
    exponent: z.int().min(0).max(3).meta({ description: "How many decimal digits `major` has.", example: 2 }),
    gross: money.meta({ description: "All payments." }),
    refunded: money.meta({ description: "Refunds less those that failed or were canceled; positive." }),
    disputed: money.meta({ description: "Withdrawn by disputes less what was given back; positive." }),
    net: money.meta({ description: "`gross` less `refunded` less `disputed`." }),
    counts: z
      .object({ payments: count, refunds: count, disputes: count })
      .meta({ description: "How many entries; reversals are not counted." }),
    ledger: z.string().meta({
      format: "uri-reference",
      description: "Where the entries are that add up to this total, now and permanently.",
    }),
  })
  .meta({ id: "Total", description: "What happened in one currency." });

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
    event_id: z.string().meta({ description: "The event that decided this entry." }),
    account,
    livemode: z.boolean(),
  })
  .meta({ id: "Entry", description: "One movement of money, counted once however many events speak of it." });

export const gap: z.ZodType<Gap> = z
  .object({
    kind: z.enum(["payment", "refund"]),
    object_id: z.string().meta({ description: "The charge." }),
    payment_intent: z.string().nullable(),
    amount: money.meta({ description: "What no total holds; positive." }),
    currency: z.string(),
    seen_at: instant.meta({ description: "When the earliest event that proves it was made." }),
    event_id: z.string().meta({ description: "That event." }),
    account,
    livemode: z.boolean(),
  })
  .meta({ id: "Gap", description: "Money that moved, and of which no event was delivered that counts it." });

const eventFields = {
  event_id: z.string(),
  type: z.string(),
  created: instant,
  received_at: instant,
  livemode: z.boolean().nullable(),
  account,
  object_id: z.string().nullable(),
  status: z.enum(["processed", "quarantined"]),
  reason: z.string().nullable().meta({ description: "Why it is quarantined; null when it is not." }),
};

export const eventSummary: z.ZodType<EventSummary> = z
  .object(eventFields)
  .meta({ id: "EventSummary", description: "A stored event without its body." });

export const event: z.ZodType<Event> = z
  .object({
    ...eventFields,
    payload: z
      .string()
      .nullable()
      .meta({ description: "The body exactly as received, as one string; null once it was removed." }),
    payload_removed_at: instant
      .nullable()
      .meta({ description: "When the body was removed to save room; null while it is kept." }),
  })
  .meta({ id: "Event", description: "A stored event with its body." });

/** The fields of a {@link Heading}, to be spread into an answer's schema. */
export const heading: { readonly [Name in keyof Heading]: z.ZodType<Heading[Name]> } = {
  from: z.string().nullable().meta({ format: "date-time", description: "Inclusive; null is unbounded." }),
  to: z.string().nullable().meta({ format: "date-time", description: "Exclusive; null is unbounded." }),
  timezone: z.string(),
  livemode: z.boolean(),
  account: z.string().nullable().meta({ description: "null is the platform's own, `*` all accounts." }),
  as_of: asOf,
};
