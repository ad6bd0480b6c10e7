import { entryId } from "../ledger.ts";
import type { LedgerScope } from "../ledger-scope.ts";
import type { DerivedLedger } from "./derive-ledger.ts";
import type { DerivedEntry } from "./derived-entry.ts";
import type { Gap } from "./gaps.ts";

/** An entry with its id, in the scope that it belongs to. */
export type ScopedEntry = DerivedEntry & LedgerScope & { readonly id: string };

/** A gap in the scope that it belongs to. */
export type ScopedGap = Gap & LedgerScope;

/** The changes that turn one ledger into another. */
export type LedgerDifference = {
  /** Entries that are new or changed. */
  readonly put: readonly ScopedEntry[];
  /** Ids of entries that are gone. */
  readonly retracted: readonly string[];
  /** Gaps that are new or changed. */
  readonly opened: readonly ScopedGap[];
  readonly closed: readonly ScopedGap[];
};

/** The entries of a ledger in their scope, by their ids. */
export function scopedEntries(ledger: DerivedLedger, scope: LedgerScope): ReadonlyMap<string, ScopedEntry> {
  const scoped = ledger.entries.map((entry) => ({ ...entry, ...scope, id: entryId({ ...entry, ...scope }) }));
  return new Map(scoped.map((entry) => [entry.id, entry]));
}

/** What changes from one ledger of a scope to the next. */
export function differenceBetween(
  before: DerivedLedger,
  after: DerivedLedger,
  scope: LedgerScope,
): LedgerDifference {
  const [old, present] = [scopedEntries(before, scope), scopedEntries(after, scope)];
  const [oldGaps, presentGaps] = [gapsOf(before), gapsOf(after)];
  return {
    put: [...present.values()].filter((entry) => textOf(entry) !== textOf(old.get(entry.id))),
    retracted: [...old.keys()].filter((id) => !present.has(id)),
    opened: [...presentGaps].flatMap(([key, gap]) =>
      gapText(oldGaps.get(key)) === gapText(gap) ? [] : [{ ...gap, ...scope }],
    ),
    closed: [...oldGaps].flatMap(([key, gap]) => (presentGaps.has(key) ? [] : [{ ...gap, ...scope }])),
  };
}

/** The differences of several scopes as one. */
export function mergeDifferences(differences: readonly LedgerDifference[]): LedgerDifference {
  return {
    put: differences.flatMap(({ put }) => put),
    retracted: differences.flatMap(({ retracted }) => retracted),
    opened: differences.flatMap(({ opened }) => opened),
    closed: differences.flatMap(({ closed }) => closed),
  };
}

/** All fields in which entries of one id can differ. */
function textOf(entry: ScopedEntry | undefined): string | undefined {
  if (entry === undefined) return undefined;
  const { amount, currency, occurredAt, sourceEvent, paymentIntent } = entry;
  return [amount, currency, occurredAt.getTime(), sourceEvent.eventId, paymentIntent].join(" ");
}

function gapsOf({ gaps }: DerivedLedger): ReadonlyMap<string, Gap> {
  return new Map(gaps.map((gap) => [`${gap.kind} ${gap.objectId}`, gap]));
}

function gapText(gap: Gap | undefined): string | undefined {
  if (gap === undefined) return undefined;
  return [gap.amount, gap.currency, gap.paymentIntent, gap.seenBy.eventId].join(" ");
}
