import { createHash } from "node:crypto";
import type { LedgerScope } from "./ledger-scope.ts";
import type { Moment } from "./moment.ts";
import { defaultSource } from "./source.ts";

/** A payment adds to gross, a refund to refunded, a dispute to disputed; reversals subtract from these. */
export const entryKinds = ["payment", "refund", "refund_reversal", "dispute", "dispute_reversal"] as const;
/** What kind of movement an entry records. */
export type EntryKind = (typeof entryKinds)[number];

/** Identifies the movement of money that an entry records. Events with the same key are about the same money. */
export type EntryKey = LedgerScope & {
  readonly kind: EntryKind;
  /** The PaymentIntent, charge, refund or dispute. */
  readonly objectId: string;
  /** The event that distinguishes the entry, where one object makes several of a kind. */
  readonly keyEvent?: string | undefined;
};

/** The id of an entry: the same on every installation that sees the same Stripe objects. */
export function entryId({ kind, source, account, livemode, objectId, keyEvent }: EntryKey): string {
  const parts = [kind, account ?? "", String(livemode), objectId];
  if (keyEvent !== undefined) parts.push(keyEvent);
  // The space distinguishes it from an event, and an id of the default source does not depend on whether there are others.
  if (source !== defaultSource) parts.push(`source ${source}`);
  // NUL cannot occur in any part, so different keys make different texts.
  return `le_${createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32)}`;
}

/** An entry of the ledger. */
export type LedgerEntry = {
  readonly id: string;
  readonly kind: EntryKind;
  /** Signed, in the currency's minor unit, never zero. */
  readonly amount: bigint;
  readonly currency: string;
  readonly occurredAt: Moment;
  readonly recordedAt: Moment;
  readonly objectId: string;
  readonly paymentIntent: string | null;
  /** The source event. */
  readonly eventId: string;
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean;
};
