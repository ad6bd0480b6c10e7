import type { LedgerEntry, Moment } from "./payment-repository.ts";

/**
 * One entry becoming another at one moment, seen through a filter that one or both of its states pass. An entry that
 * changed its currency makes two of these, one for the currency it left and one for the one that it came to: so
 * each has an effect in one currency only.
 */
export type LedgerChange = {
  readonly entryId: string;
  readonly recordedAt: Moment;
  /** `null` where there was no entry before. */
  readonly before: LedgerEntry | null;
  /** `null` where there is none afterwards. */
  readonly after: LedgerEntry | null;
  /** Which state lies in what was asked for, and so whose amount counts. */
  readonly concerns: "before" | "after" | "both";
};

/** What orders the changes of one moment, and tells them apart. */
export function changePosition(change: LedgerChange): string {
  return `${change.entryId}:${change.concerns}`;
}
