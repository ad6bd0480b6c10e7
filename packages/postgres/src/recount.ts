import { bookedEntries, type BookedGap, type Books, deriveLedger, type EventFacts } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { cursorRows } from "./cursor-rows.ts";
import { readableFacts } from "./facts-column.ts";
import {
  type EntryFields,
  fieldsOf,
  parseStoredEntry,
  type StoredEntry,
  storedEntryColumns,
} from "./ledger-fields.ts";
import type { PaymentObject } from "./lock-payments.ts";

/** An entry on both sides; what is `undefined` is not there. At least one side is. */
export type ComparedEntry = {
  readonly id: string;
  readonly kept: StoredEntry | undefined;
  readonly recounted: EntryFields | undefined;
};

/** A gap on both sides, as a text that says everything of it. */
type ComparedGap = {
  readonly id: string;
  readonly kept: string | undefined;
  readonly recounted: string | undefined;
};

/** A payment as the ledger has it, beside what its events make of it. */
export type ComparedPayment = {
  /** The object that stands for it. */
  readonly root: PaymentObject;
  readonly entries: readonly ComparedEntry[];
  readonly gaps: readonly ComparedGap[];
};

// Every object with the one that stands for its payment. All three sides come in the order of these: that of bytes,
// whatever the database sorts by (Danish puts "aa" after "z").
const withRoots = `
  with recursive paid as (
    select object_id, account, livemode, object_id as root from takings.payment_objects where belongs_to = object_id
    union all
    select further.object_id, further.account, further.livemode, paid.root
    from paid join takings.payment_objects as further
      on further.belongs_to = paid.object_id and further.account = paid.account and further.livemode = paid.livemode
    where further.belongs_to <> further.object_id
  )`;
const placeOf = (table: string, objectId: string): string =>
  `coalesce(paid.root, ${table}.${objectId}) collate "C" as root, ${table}.livemode,
    coalesce(${table}.account, '') collate "C" as account`;
const paidFor = (table: string, objectId: string): string => `
  left join paid on paid.object_id = ${table}.${objectId} and paid.account = coalesce(${table}.account, '')
    and paid.livemode = ${table}.livemode`;
const inOrder = "order by 1, 2, 3";

// Facts of a form that cannot be read are a fault of their event, which is told where events are held against bodies.
const factsText = `
  ${withRoots}
  select ${placeOf("events", "payment_object")}, event_id, type, created, events.object_id, facts
  from takings.events ${paidFor("events", "payment_object")}
  where facts is not null and status = 'processed'
  ${inOrder}`;

const ledgerText = `
  ${withRoots}
  select place.*, entry.*
  from takings.ledger ${paidFor("ledger", "object_id")}
  cross join lateral (select ${placeOf("ledger", "object_id")}) as place
  cross join lateral (select ${storedEntryColumns} from (select ledger.*) as ledger) as entry
  ${inOrder}`;

const gapsText = `
  ${withRoots}
  select ${placeOf("gaps", "object_id")}, kind, gaps.object_id, payment_intent, amount::text as amount, currency, event_id,
    seen_at
  from takings.gaps ${paidFor("gaps", "object_id")}
  ${inOrder}`;

const place = { root: z.string(), account: z.string(), livemode: z.boolean() };
const placeRow = z.object(place);
const factsRow = z.object({
  ...place,
  event_id: z.string(),
  type: z.string(),
  created: z.date(),
  object_id: z.string().nullable(),
  facts: z.unknown(),
});
const gapRow = z.object({
  ...place,
  kind: z.enum(["payment", "refund"]),
  object_id: z.string(),
  payment_intent: z.string().nullable(),
  amount: z.string(),
  currency: z.string(),
  event_id: z.string(),
  seen_at: z.date(),
});

/**
 * Every payment, with what the ledger says of it and what is kept of its events' facts makes of it. All sides are read in
 * step from the client's open transaction, which must see one snapshot, so the memory it takes does not grow with the
 * ledger. A reader's rights will do.
 */
export async function* comparedPayments(client: ClientBase): AsyncGenerator<ComparedPayment> {
  const sides = [
    createSide(cursorRows(client, "facts_of_payment", factsText)),
    createSide(cursorRows(client, "entry_of_payment", ledgerText)),
    createSide(cursorRows(client, "gap_of_payment", gapsText)),
  ] as const;
  for (;;) {
    const [facts, entries, gaps] = sides;
    // One after the other: they have one connection.
    const places = [await facts.at(), await entries.at(), await gaps.at()];
    const [first, ...others] = places.filter((at) => at !== undefined);
    if (first === undefined) return;
    const next = others.reduce((known, at) => (orderOf(at, known) < 0 ? at : known), first);
    const books: Books = { account: next.account === "" ? null : next.account, livemode: next.livemode };
    const events = (await facts.take(next)).flatMap(readFacts);
    const kept = (await entries.take(next)).map(parseStoredEntry);
    yield {
      root: { ...books, objectId: next.root },
      ...compared(events, kept, (await gaps.take(next)).map(keptGap), books),
    };
  }
}

function compared(
  events: readonly EventFacts[],
  kept: readonly StoredEntry[],
  keptGaps: readonly (readonly [id: string, text: string])[],
  books: Books,
): Pick<ComparedPayment, "entries" | "gaps"> {
  const ledger = deriveLedger(events);
  const recounted = new Map([...bookedEntries(ledger, books)].map(([id, entry]) => [id, fieldsOf(entry)]));
  const stored = new Map(kept.map((entry) => [entry.id, entry]));
  const gaps = new Map(ledger.gaps.map((gap) => [gapId(gap, books), gapText({ ...gap, ...books })]));
  const storedGaps = new Map(keptGaps);
  return {
    entries: onBothSides(stored, recounted),
    gaps: onBothSides(storedGaps, gaps),
  };
}

function onBothSides<Kept, Recounted>(
  kept: ReadonlyMap<string, Kept>,
  recounted: ReadonlyMap<string, Recounted>,
): { readonly id: string; readonly kept: Kept | undefined; readonly recounted: Recounted | undefined }[] {
  const ids = [...new Set([...kept.keys(), ...recounted.keys()])].toSorted();
  return ids.map((id) => ({ id, kept: kept.get(id), recounted: recounted.get(id) }));
}

function readFacts(row: unknown): readonly EventFacts[] {
  const { event_id: eventId, type, created, object_id: objectId, facts } = factsRow.parse(row);
  const readable = readableFacts(facts, { eventId, type, created, objectId });
  return readable === undefined ? [] : [readable];
}

function gapId({ kind, objectId }: { kind: string; objectId: string }, { account, livemode }: Books): string {
  return `${kind} ${objectId} ${livemode ? "live" : "test"} ${account ?? "platform"}`;
}

function gapText({ amount, currency, paymentIntent, seenBy }: BookedGap): string {
  return `${amount} ${currency} of ${paymentIntent ?? "no PaymentIntent"}, seen by ${seenBy.eventId} at ${seenBy.created.toISOString()}`;
}

function keptGap(row: unknown): readonly [id: string, text: string] {
  const gap = gapRow.parse(row);
  const books = { account: gap.account === "" ? null : gap.account, livemode: gap.livemode };
  const seen = `seen by ${gap.event_id} at ${gap.seen_at.toISOString()}`;
  const text = `${gap.amount} ${gap.currency} of ${gap.payment_intent ?? "no PaymentIntent"}, ${seen}`;
  return [gapId({ kind: gap.kind, objectId: gap.object_id }, books), text];
}

type Place = z.output<typeof placeRow>;

/** One side of the comparison: its rows, payment by payment. */
type Side = {
  /** Where its next row belongs; `undefined` at the end. */
  at(): Promise<Place | undefined>;
  /** All rows that belong there. */
  take(place: Place): Promise<readonly unknown[]>;
};

function createSide(rows: AsyncGenerator): Side {
  let next: Promise<IteratorResult<unknown>> | undefined;
  const peek = (): Promise<IteratorResult<unknown>> => (next ??= rows.next());
  const at = async (): Promise<Place | undefined> => {
    const { value, done } = await peek();
    return done === true ? undefined : placeRow.parse(value);
  };
  return {
    at,
    async take(place) {
      const taken: unknown[] = [];
      for (let now = await at(); now !== undefined && orderOf(now, place) === 0; now = await at()) {
        taken.push((await peek()).value);
        next = undefined;
      }
      return taken;
    },
  };
}

/** In the order of bytes, as the database sorts ids. */
function orderOf(a: Place, b: Place): number {
  return bytes(a.root, b.root) || Number(a.livemode) - Number(b.livemode) || bytes(a.account, b.account);
}

function bytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
