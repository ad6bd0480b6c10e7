import type { ScopedEntry } from "@takings/domain";
import { z } from "zod";

/**
 * The fields of an entry as texts: amounts as whole numbers, instants as microseconds since 1970 (or `Infinity`), so that
 * neither a number nor a `Date` can round them.
 */
export type EntryFields = z.output<typeof fields>;

const fields = z.object({
  id: z.string(),
  kind: z.string(),
  source: z.string(),
  account: z.string(),
  livemode: z.boolean(),
  object_id: z.string(),
  amount: z.string(),
  currency: z.string(),
  occurred_at: z.string(),
  event_id: z.string(),
  payment_intent: z.string().nullable(),
});

/** A stored entry, with its recorded time. */
export type StoredEntry = EntryFields & { readonly recorded_at: string };

const storedEntry = fields.extend({ recorded_at: z.string() });
const micros = (column: string): string =>
  `trim_scale(extract(epoch from ${column}) * 1000000)::text as ${column}`;

/** The columns that {@link parseStoredEntry} reads, of a row of `takings.ledger`. */
export const storedEntryColumns: string = `
  id, kind, source, account, livemode, object_id, amount::text as amount, currency, ${micros("occurred_at")},
  event_id, payment_intent, ${micros("recorded_at")}`;

/** Parses a row of {@link storedEntryColumns}. @throws ZodError when the table has another form. */
export function parseStoredEntry(row: unknown): StoredEntry {
  return storedEntry.parse(row);
}

/** The fields that an entry must have in the ledger. */
export function fieldsOf(entry: ScopedEntry): EntryFields {
  return {
    id: entry.id,
    kind: entry.kind,
    source: entry.source,
    account: entry.account ?? "",
    livemode: entry.livemode,
    object_id: entry.objectId,
    amount: entry.amount.toString(),
    currency: entry.currency,
    occurred_at: microsOf(entry.occurredAt),
    event_id: entry.sourceEvent.eventId,
    payment_intent: entry.paymentIntent ?? null,
  };
}

/** Describes how a stored entry differs from the derived one; empty when it does not. */
export function differencesBetween(stored: EntryFields, derived: EntryFields): readonly string[] {
  return fields
    .keyof()
    .options.filter((name) => stored[name] !== derived[name])
    .map((name) => `${name} is ${show(name, stored[name])}, by the events ${show(name, derived[name])}`);
}

function microsOf(date: Date): string {
  return (BigInt(date.getTime()) * 1_000n).toString();
}

function show(name: string, value: string | boolean | null): string {
  if (value === null || name !== "occurred_at" || !/^-?\d+$/.test(String(value))) return String(value);
  const since1970 = BigInt(value);
  const ms = Number(since1970 / 1_000n);
  const instant = new Date(ms);
  if (Number.isNaN(instant.getTime()) || since1970 % 1_000n !== 0n) return `${value} µs after 1970`;
  return instant.toISOString();
}
