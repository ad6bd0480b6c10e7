import type { EntryKind, LedgerChange, LedgerEntry, Moment } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type Entry, entry, entryOf } from "./entry.ts";
import { source } from "./fields.ts";
import { type Money, money, moneyOf } from "./money.ts";

const changeKinds = ["added", "removed", "moved_in", "moved_out", "amended"] as const;
/** What happened to an entry, seen from the range and filter of the query. */
type ChangeKind = (typeof changeKinds)[number];

const reasons = [
  "late_event",
  "new_event",
  "refund",
  "dispute",
  "reversal",
  "earlier_event",
  "correction",
] as const;
/** Why an entry changed. */
type Reason = (typeof reasons)[number];

const figures = ["gross", "refunded", "disputed"] as const;
/** The figure of a total that an entry is part of. */
type Figure = (typeof figures)[number];

/** A change of one entry, and its effect on the totals of its currency. */
export type Change = {
  readonly entry_id: string;
  readonly change: ChangeKind;
  readonly why: Reason;
  readonly recorded_at: string;
  readonly source: string;
  readonly currency: string;
  readonly figure: Figure;
  readonly effect: Money;
  readonly before: Entry | null;
  readonly after: Entry | null;
};

/** Schema of {@link Change}. */
export const change: z.ZodType<Change> = z
  .object({
    entry_id: z.string(),
    change: z.enum(changeKinds).meta({
      description:
        "`added`: the entry is new. `removed`: the entry no longer exists. `moved_in`, `moved_out`: it entered or " +
        "left the range or currency of the query. `amended`: it changed within that range and currency.",
    }),
    why: z.enum(reasons).meta({
      description:
        "`late_event`: a payment from before `since` that was recorded after it. `new_event`: a payment from after " +
        "`since`. `refund`, `dispute`: money was refunded or withdrawn. `reversal`: a refund failed, or disputed " +
        "money was reinstated. `earlier_event`: an earlier event arrived and replaced the source event of the entry. " +
        "`correction`: the source event is the same, and a field was filled in or corrected.",
    }),
    recorded_at: z.string().meta({ format: "date-time" }),
    source,
    currency: z.string(),
    figure: z.enum(figures).meta({ description: "The figure of the total that the entry is part of." }),
    effect: money.meta({
      description:
        "What the change added to `net`. It added the same amount to `figure` where that is `gross`, and the " +
        "opposite amount where that is `refunded` or `disputed`, which are shown as positive.",
    }),
    before: entry.nullable(),
    after: entry.nullable(),
  })
  .meta({
    id: "Change",
    description: "A change of one entry, and its effect on the totals of its currency.",
  });

const figureOfKind: Readonly<Record<EntryKind, Figure>> = {
  payment: "gross",
  refund: "refunded",
  refund_reversal: "refunded",
  dispute: "disputed",
  dispute_reversal: "disputed",
};

/** Converts a change of the ledger to its response form. @param since the start of the compared period. */
export function changeOf(change: LedgerChange, since: Moment): Change {
  const { before, after, concerns } = change;
  const shown = (concerns === "before" ? before : after) ?? before;
  if (shown === null) throw new Error(`the change of ${change.entryId} has neither a before nor an after`);
  const had = concerns === "after" ? 0n : (before?.amount ?? 0n);
  const has = concerns === "before" ? 0n : (after?.amount ?? 0n);
  return {
    entry_id: change.entryId,
    change: kindOf(change),
    why: reasonOf(change, since),
    recorded_at: change.recordedAt,
    source: shown.source,
    currency: shown.currency,
    figure: figureOfKind[shown.kind],
    effect: moneyOf(has - had, shown.currency),
    before: before && entryOf(before),
    after: after && entryOf(after),
  };
}

function kindOf({ before, after, concerns }: LedgerChange): ChangeKind {
  if (before === null) return "added";
  if (after === null) return "removed";
  switch (concerns) {
    case "after":
      return "moved_in";
    case "before":
      return "moved_out";
    case "both":
      return "amended";
  }
}

function reasonOf({ before, after }: LedgerChange, since: Moment): Reason {
  if (before !== null) {
    return after !== null && after.eventId !== before.eventId ? "earlier_event" : "correction";
  }
  return after === null ? "correction" : reasonOfNew(after, since);
}

function reasonOfNew({ kind, occurredAt }: LedgerEntry, since: Moment): Reason {
  switch (kind) {
    case "payment": {
      const isLate = Temporal.Instant.compare(occurredAt, since) <= 0;
      return isLate ? "late_event" : "new_event";
    }
    case "refund":
    case "dispute":
      return kind;
    case "refund_reversal":
    case "dispute_reversal":
      return "reversal";
  }
}
