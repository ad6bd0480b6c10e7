import { entryId } from "../ledger.ts";
import type { Books } from "../reconciliation.ts";
import type { DerivedLedger } from "./derive-ledger.ts";
import type { DerivedEntry } from "./derived-entry.ts";
import type { Gap } from "./gaps.ts";

/** An entry with its id, in the books that it belongs to. */
export type BookedEntry = DerivedEntry & Books & { readonly id: string };

/** A gap in the books that it belongs to. */
export type BookedGap = Gap & Books;

/** What has to be done to a ledger for it to become another. */
export type LedgerDifference = {
  /** Entries that are new, or say something else than before. */
  readonly put: readonly BookedEntry[];
  /** Ids of entries that are there no more. */
  readonly takenBack: readonly string[];
  /** Gaps that are new, or say something else than before. */
  readonly opened: readonly BookedGap[];
  readonly closed: readonly BookedGap[];
};

/** The entries of some books, by their ids. */
export function bookedEntries(ledger: DerivedLedger, books: Books): ReadonlyMap<string, BookedEntry> {
  const booked = ledger.entries.map((entry) => ({ ...entry, ...books, id: entryId({ ...entry, ...books }) }));
  return new Map(booked.map((entry) => [entry.id, entry]));
}

/** What changes in some books from one ledger to the next. */
export function differenceBetween(
  before: DerivedLedger,
  after: DerivedLedger,
  books: Books,
): LedgerDifference {
  const [old, present] = [bookedEntries(before, books), bookedEntries(after, books)];
  const [oldGaps, presentGaps] = [gapsOf(before), gapsOf(after)];
  return {
    put: [...present.values()].filter((entry) => textOf(entry) !== textOf(old.get(entry.id))),
    takenBack: [...old.keys()].filter((id) => !present.has(id)),
    opened: [...presentGaps].flatMap(([key, gap]) =>
      gapText(oldGaps.get(key)) === gapText(gap) ? [] : [{ ...gap, ...books }],
    ),
    closed: [...oldGaps].flatMap(([key, gap]) => (presentGaps.has(key) ? [] : [{ ...gap, ...books }])),
  };
}

/** The differences of several books as one. */
export function together(differences: readonly LedgerDifference[]): LedgerDifference {
  return {
    put: differences.flatMap(({ put }) => put),
    takenBack: differences.flatMap(({ takenBack }) => takenBack),
    opened: differences.flatMap(({ opened }) => opened),
    closed: differences.flatMap(({ closed }) => closed),
  };
}

/** Everything that an entry of one id says. */
function textOf(entry: BookedEntry | undefined): string | undefined {
  if (entry === undefined) return undefined;
  const { amount, currency, occurredAt, decidedBy, paymentIntent } = entry;
  return [amount, currency, occurredAt.getTime(), decidedBy.eventId, paymentIntent].join(" ");
}

function gapsOf({ gaps }: DerivedLedger): ReadonlyMap<string, Gap> {
  return new Map(gaps.map((gap) => [`${gap.kind} ${gap.objectId}`, gap]));
}

function gapText(gap: Gap | undefined): string | undefined {
  if (gap === undefined) return undefined;
  return [gap.amount, gap.currency, gap.paymentIntent, gap.seenBy.eventId].join(" ");
}
