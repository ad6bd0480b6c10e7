import type { LedgerClaim } from "@takings/domain";
import { z } from "zod";

/**
 * What an entry says, field by field, exactly: amounts as the text of whole numbers, instants as that of microseconds
 * since 1970 (or `Infinity`), so that neither a number nor a `Date` can round them.
 */
export type EntryFields = z.output<typeof fields>;

const fields = z.object({
  id: z.string(),
  kind: z.string(),
  account: z.string(),
  livemode: z.boolean(),
  object_id: z.string(),
  amount: z.string(),
  currency: z.string(),
  occurred_at: z.string(),
  event_created: z.string(),
  event_id: z.string(),
  payment_intent: z.string().nullable(),
  payment_intent_created: z.string().nullable(),
  payment_intent_event_id: z.string().nullable(),
});

/** An entry of the ledger, with the moment of its recording. */
export type StoredEntry = EntryFields & { readonly recorded_at: string };

const storedEntry = fields.extend({ recorded_at: z.string() });
const instants = ["occurred_at", "event_created", "payment_intent_created"];
const micros = (column: string): string =>
  `trim_scale(extract(epoch from ${column}) * 1000000)::text as ${column}`;

/** The columns that {@link parseStoredEntry} reads, of a row of `takings.ledger`. */
export const storedEntryColumns: string = `
  id, kind, account, livemode, object_id, amount::text as amount, currency, ${micros("occurred_at")},
  ${micros("event_created")}, event_id, payment_intent, ${micros("payment_intent_created")}, payment_intent_event_id,
  ${micros("recorded_at")}`;

/** @throws ZodError when the table is not the one this code knows. */
export function parseStoredEntry(row: unknown): StoredEntry {
  return storedEntry.parse(row);
}

/** What the ledger must say of an entry, given its merged claim. */
export function fieldsOf(id: string, claim: LedgerClaim): EntryFields {
  const { paymentIntent } = claim;
  return {
    id,
    kind: claim.kind,
    account: claim.account ?? "",
    livemode: claim.livemode,
    object_id: claim.objectId,
    amount: claim.amount.toString(),
    currency: claim.currency,
    occurred_at: microsOf(claim.occurredAt),
    event_created: microsOf(claim.decidedBy.created),
    event_id: claim.decidedBy.eventId,
    payment_intent: paymentIntent?.id ?? null,
    payment_intent_created: paymentIntent === undefined ? null : microsOf(paymentIntent.saidBy.created),
    payment_intent_event_id: paymentIntent?.saidBy.eventId ?? null,
  };
}

/** In words, what differs between an entry as it is kept and as the events make it; empty when nothing does. */
export function differencesBetween(kept: EntryFields, recounted: EntryFields): readonly string[] {
  return fields
    .keyof()
    .options.filter((name) => kept[name] !== recounted[name])
    .map((name) => `${name} is ${show(name, kept[name])}, by the events ${show(name, recounted[name])}`);
}

function microsOf(date: Date): string {
  return (BigInt(date.getTime()) * 1_000n).toString();
}

function show(name: string, value: string | boolean | null): string {
  if (value === null || !instants.includes(name) || !/^-?\d+$/.test(String(value))) return String(value);
  const since1970 = BigInt(value);
  const ms = Number(since1970 / 1_000n);
  const instant = new Date(ms);
  if (Number.isNaN(instant.getTime()) || since1970 % 1_000n !== 0n) return `${value} µs after 1970`;
  return instant.toISOString();
}
