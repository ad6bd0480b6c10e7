import type { EntryKind, FoundObject } from "@takings/domain";

/** What a reader calls a kind of entry. */
export const entryWords: Readonly<Record<EntryKind, string>> = {
  payment: "Payment",
  refund: "Refund",
  refund_reversal: "Refund that failed or was canceled",
  dispute: "Dispute: money withdrawn",
  dispute_reversal: "Dispute: money reinstated",
};

/** What a reader calls something that was found. */
export const foundWords: Readonly<Record<FoundObject["kind"], string>> = {
  event: "Event",
  payment: "Payment",
  payout: "Payout",
  balance_transaction: "Balance transaction",
  object: "Events of the object",
};

/** Whose something is: `null` is the platform's own. */
export function accountWords(account: string | null): string {
  return account ?? "the platform's own";
}

/** The mode of something; an event may not say it. */
export function modeWords(livemode: boolean | null): string {
  if (livemode === null) return "not said";
  return livemode ? "live" : "test";
}
