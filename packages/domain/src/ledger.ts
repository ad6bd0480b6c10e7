import { createHash } from "node:crypto";
import type { LedgerScope } from "./reconciliation.ts";

/** What an entry is. A payment adds to gross, a refund to refunded, a dispute to disputed; reversals take back. */
export const entryKinds = ["payment", "refund", "refund_reversal", "dispute", "dispute_reversal"] as const;
export type EntryKind = (typeof entryKinds)[number];

/** The one economic fact an entry stands for. Two events that name the same key speak of the same money. */
export type EntryKey = LedgerScope & {
  readonly kind: EntryKind;
  /** The PaymentIntent, charge, refund or dispute. */
  readonly objectId: string;
  /** The event that tells the entry apart, where one object makes several of a kind. */
  readonly keyEvent?: string | undefined;
};

/** A short, stable name for an entry, the same on every installation that sees the same Stripe objects. */
export function entryId({ kind, account, livemode, objectId, keyEvent }: EntryKey): string {
  const parts = [kind, account ?? "", String(livemode), objectId];
  if (keyEvent !== undefined) parts.push(keyEvent);
  // NUL cannot occur in any part, so no two keys share a text.
  return `le_${createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32)}`;
}
