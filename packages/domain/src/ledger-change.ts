import type { LedgerEntry } from "./ledger.ts";
import type { Moment } from "./moment.ts";

/**
 * How an entry changed at one moment, as a filter shows it that matches one or both of its states. An entry that changed
 * its currency makes two of these, one per currency, so that each has an effect in one currency only.
 */
export type LedgerChange = {
  readonly entryId: string;
  readonly recordedAt: Moment;
  /** `null` where the entry is new. */
  readonly before: LedgerEntry | null;
  /** `null` where the entry was retracted. */
  readonly after: LedgerEntry | null;
  /** Which of the states the filter matches, so whose amount counts. */
  readonly concerns: "before" | "after" | "both";
};

/** Orders the changes of one moment, and identifies each. */
export function changePosition(change: LedgerChange): string {
  return `${change.entryId}:${change.concerns}`;
}
