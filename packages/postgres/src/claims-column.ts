import { entryKinds, type EventRecord, type LedgerClaim, witnessOf } from "@takings/domain";
import { z } from "zod";

/** The columns of an event that its claims lean on; what a claim shares with them is not written twice. */
export type ClaimingEvent = Pick<
  EventRecord,
  "eventId" | "created" | "livemode" | "account" | "objectId" | "paymentIntent"
>;

const storedClaim = z.object({
  kind: z.enum(entryKinds),
  amount: z.string().transform(BigInt),
  currency: z.string(),
  object_id: z.string().optional(),
  occurred_at: z.iso.datetime().optional(),
  payment_intent: z.string().nullable().optional(),
  account: z.string().nullable().optional(),
  livemode: z.boolean().optional(),
});
const storedClaims = z.array(storedClaim);
type StoredClaim = z.input<typeof storedClaim>;

/**
 * What the column `claims` holds for an event, as JSON text; `null` when it claims nothing. Exact, and enough to
 * rebuild the ledger without the body: amounts are text, and the witness of a claim is always the event itself.
 */
export function encodeClaims(event: ClaimingEvent & Pick<EventRecord, "claims">): string | null {
  if (event.claims.length === 0) return null;
  return JSON.stringify(event.claims.map((claim) => storedClaimOf(claim, event)));
}

// JSON leaves out what is undefined here.
function storedClaimOf(claim: LedgerClaim, event: ClaimingEvent): Record<keyof StoredClaim, unknown> {
  const paymentIntent = claim.paymentIntent?.id ?? null;
  const isDatedByEvent = claim.occurredAt.getTime() === event.created.getTime();
  return {
    kind: claim.kind,
    amount: claim.amount.toString(),
    currency: claim.currency,
    object_id: claim.objectId === event.objectId ? undefined : claim.objectId,
    occurred_at: isDatedByEvent ? undefined : claim.occurredAt.toISOString(),
    payment_intent: paymentIntent === event.paymentIntent ? undefined : paymentIntent,
    account: claim.account === event.account ? undefined : claim.account,
    livemode: claim.livemode === event.livemode ? undefined : claim.livemode,
  };
}

/**
 * The claims in a `claims` column, decoded from JSON, of the event in the same row.
 * @throws Error naming the event when the column holds anything else.
 */
export function decodeClaims(column: unknown, event: ClaimingEvent): readonly LedgerClaim[] {
  if (column === null) return [];
  const { success, data, error } = storedClaims.safeParse(column);
  if (success) return data.map((claim) => claimOf(claim, event));
  throw new Error(`the claims of event ${event.eventId} cannot be read: ${z.prettifyError(error)}`);
}

function claimOf(stored: z.output<typeof storedClaim>, event: ClaimingEvent): LedgerClaim {
  const decidedBy = witnessOf(event.eventId, event.created);
  const paymentIntent = stored.payment_intent === undefined ? event.paymentIntent : stored.payment_intent;
  return {
    kind: stored.kind,
    account: stored.account === undefined ? event.account : stored.account,
    livemode: given(stored.livemode ?? event.livemode, "livemode", event),
    objectId: given(stored.object_id ?? event.objectId, "object_id", event),
    amount: stored.amount,
    currency: stored.currency,
    occurredAt: stored.occurred_at === undefined ? event.created : new Date(stored.occurred_at),
    decidedBy,
    paymentIntent: paymentIntent === null ? undefined : { id: paymentIntent, saidBy: decidedBy },
  };
}

function given<T>(value: T | null, name: string, event: ClaimingEvent): T {
  if (value !== null) return value;
  throw new Error(
    `the claims of event ${event.eventId} cannot be read: neither they nor the event name a ${name}`,
  );
}
