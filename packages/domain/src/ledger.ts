import { createHash } from "node:crypto";
import { precedes, type Witness } from "./witness.ts";

/** What an entry is. A payment adds to gross, a refund to refunded, a dispute to disputed; reversals take back. */
export const entryKinds = ["payment", "refund", "refund_reversal", "dispute", "dispute_reversal"] as const;
export type EntryKind = (typeof entryKinds)[number];

/** The one economic fact an entry stands for. Two events that name the same key speak of the same money. */
export type EntryKey = {
  readonly kind: EntryKind;
  /** `null` is the platform itself. */
  readonly account: string | null;
  readonly livemode: boolean;
  /** The PaymentIntent, charge, refund or dispute. */
  readonly objectId: string;
};

/** One event's word on one entry. Of several claims on a key the earliest event decides: see {@link mergeClaims}. */
export type LedgerClaim = EntryKey & {
  /** Signed, in the currency's minor unit, never zero. */
  readonly amount: bigint;
  readonly currency: string;
  readonly occurredAt: Date;
  readonly decidedBy: Witness;
  /** The PaymentIntent this money belongs to, and the event that says so, where any does. */
  readonly paymentIntent: { readonly id: string; readonly saidBy: Witness } | undefined;
};

/** A short, stable name for an entry, the same on every installation that sees the same Stripe objects. */
export function entryId(key: EntryKey): string {
  const parts = [key.kind, key.account ?? "", String(key.livemode), key.objectId];
  // NUL cannot occur in any part, so no two keys share a text.
  return `le_${createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32)}`;
}

/**
 * Reduces claims to one per entry, whatever their order and repetition: all fields come from the smallest
 * witness, the PaymentIntent from the smallest witness that names one. Both are minima, so merging is
 * commutative, associative and idempotent; the database merges by the same rule.
 */
export function mergeClaims(claims: Iterable<LedgerClaim>): Map<string, LedgerClaim> {
  const merged = new Map<string, LedgerClaim>();
  for (const claim of claims) {
    const id = entryId(claim);
    const known = merged.get(id);
    merged.set(id, known === undefined ? claim : mergeTwo(known, claim));
  }
  return merged;
}

function mergeTwo(a: LedgerClaim, b: LedgerClaim): LedgerClaim {
  const decisive = precedes(b.decidedBy, a.decidedBy) ? b : a;
  return { ...decisive, paymentIntent: earlierWord(a.paymentIntent, b.paymentIntent) };
}

function earlierWord(
  a: LedgerClaim["paymentIntent"],
  b: LedgerClaim["paymentIntent"],
): LedgerClaim["paymentIntent"] {
  if (a === undefined || b === undefined) return a ?? b;
  return precedes(b.saidBy, a.saidBy) ? b : a;
}
