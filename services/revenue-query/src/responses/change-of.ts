import type { EntryKind, LedgerChange, LedgerEntry, Moment } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import type { Change, ChangeKind, Figure, Reason } from "./change.ts";
import { entryOf } from "./entry.ts";
import { moneyOf } from "./money.ts";

const figures: Readonly<Record<EntryKind, Figure>> = {
  payment: "gross",
  refund: "refunded",
  refund_reversal: "refunded",
  dispute: "disputed",
  dispute_reversal: "disputed",
};

/** Converts a change of the ledger to its response form. @param since the start of the compared period. */
export function changeOf(change: LedgerChange, since: Moment): Change {
  const { before, after, concerns } = change;
  const entry = (concerns === "before" ? before : after) ?? before;
  if (entry === null) throw new Error(`the change of ${change.entryId} has neither a before nor an after`);
  const had = concerns === "after" ? 0n : (before?.amount ?? 0n);
  const has = concerns === "before" ? 0n : (after?.amount ?? 0n);
  return {
    entry_id: change.entryId,
    change: kindOf(change),
    why: reasonOf(change, since),
    recorded_at: change.recordedAt,
    currency: entry.currency,
    figure: figures[entry.kind],
    effect: moneyOf(has - had, entry.currency),
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
