import {
  scopedEntries,
  type ScopedGap,
  type LedgerScope,
  deriveLedger,
  type EventFacts,
} from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { readableFacts } from "../columns/facts-column.ts";
import { type EntryFields, fieldsOf, parseStoredEntry, type StoredEntry } from "./ledger-fields.ts";
import { scopeOf, type PaymentObject } from "../ledger/payment-objects.ts";
import { paymentRows } from "./payment-rows.ts";
import { describeScope } from "./discrepancy.ts";
import type { GapKey } from "../ledger/write-gaps.ts";

/** An entry as it is stored and as it is derived; `undefined` where it is missing. At least one is present. */
export type ComparedEntry = {
  readonly id: string;
  readonly stored: StoredEntry | undefined;
  readonly derived: EntryFields | undefined;
};

/** A gap as it is stored and as it is derived, as texts with all its fields. */
type ComparedGap = {
  readonly id: string;
  readonly key: GapKey;
  readonly stored: string | undefined;
  readonly derived: string | undefined;
};

/** A payment as it is stored and as it follows from its events. */
export type ComparedPayment = {
  /** The root of its objects. */
  readonly root: PaymentObject;
  readonly entries: readonly ComparedEntry[];
  readonly gaps: readonly ComparedGap[];
};

const factsRow = z.object({
  event_id: z.string(),
  type: z.string(),
  created: z.date(),
  object_id: z.string().nullable(),
  facts: z.unknown(),
});
const gapRow = z.object({
  kind: z.enum(["payment", "refund"]),
  object_id: z.string(),
  payment_intent: z.string().nullable(),
  amount: z.string(),
  currency: z.string(),
  event_id: z.string(),
  seen_at: z.date(),
});

/**
 * Every payment, with its stored entries and gaps and those that follow from the facts of its events, from the client's
 * open transaction, which must see one snapshot. Needs the role `takings_reader`.
 */
export async function* comparedPayments(client: ClientBase): AsyncGenerator<ComparedPayment> {
  for await (const { place, facts, entries, gaps } of paymentRows(client)) {
    const scope = scopeOf({ source: place.origin, account: place.owner, livemode: place.mode });
    const ledger = deriveLedger(facts.flatMap(readFacts));
    yield {
      root: { ...scope, objectId: place.root },
      entries: comparedEntries(
        entries.map(parseStoredEntry),
        [...scopedEntries(ledger, scope).values()].map(fieldsOf),
      ),
      gaps: comparedGaps(
        gaps.map((row) => storedGap(row, scope)),
        ledger.gaps.map((gap) => derivedGap({ ...gap, ...scope })),
      ),
    };
  }
}

function readFacts(row: unknown): readonly EventFacts[] {
  const { event_id: eventId, type, created, object_id: objectId, facts } = factsRow.parse(row);
  const readable = readableFacts(facts, { eventId, type, created, objectId });
  return readable === undefined ? [] : [readable];
}

function comparedEntries(
  stored: readonly StoredEntry[],
  derived: readonly EntryFields[],
): readonly ComparedEntry[] {
  const storedById = new Map(stored.map((entry) => [entry.id, entry]));
  const derivedById = new Map(derived.map((entry) => [entry.id, entry]));
  const ids = [...new Set([...storedById.keys(), ...derivedById.keys()])].toSorted();
  return ids.map((id) => ({ id, stored: storedById.get(id), derived: derivedById.get(id) }));
}

/** A gap with a text of all its fields. */
type DescribedGap = { readonly key: GapKey; readonly text: string };

function comparedGaps(
  stored: readonly DescribedGap[],
  derived: readonly DescribedGap[],
): readonly ComparedGap[] {
  const compared = new Map<string, ComparedGap>();
  for (const { key, text } of stored) {
    const id = idOf(key);
    compared.set(id, { id, key, stored: text, derived: undefined });
  }
  for (const { key, text } of derived) {
    const id = idOf(key);
    compared.set(id, { id, key, stored: compared.get(id)?.stored, derived: text });
  }
  return [...compared.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The id of a gap in a report. */
function idOf({ kind, objectId, ...scope }: GapKey): string {
  return `${kind} ${objectId} ${describeScope(scope)}`;
}

function storedGap(row: unknown, scope: LedgerScope): DescribedGap {
  const { kind, object_id: objectId, payment_intent: intent, event_id: eventId, ...of } = gapRow.parse(row);
  return {
    key: { kind, objectId, ...scope },
    text: gapText({ ...of, intent, eventId, seenAt: of.seen_at }),
  };
}

function derivedGap({ kind, objectId, source, account, livemode, ...of }: ScopedGap): DescribedGap {
  const { amount, currency, paymentIntent: intent = null, seenBy } = of;
  return {
    key: { kind, objectId, source, account, livemode },
    text: gapText({ amount, currency, intent, eventId: seenBy.eventId, seenAt: seenBy.created }),
  };
}

function gapText(gap: {
  readonly amount: bigint | string;
  readonly currency: string;
  readonly intent: string | null;
  readonly eventId: string;
  readonly seenAt: Date;
}): string {
  const { amount, currency, intent, eventId, seenAt } = gap;
  return `${amount} ${currency} of ${intent ?? "no PaymentIntent"}, seen by ${eventId} at ${seenAt.toISOString()}`;
}
