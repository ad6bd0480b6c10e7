import type { EntryKind } from "../ledger.ts";
import type { EventFacts } from "./event-facts.ts";

/** An entry that follows from a set of events, in the scope of those events. */
export type DerivedEntry = {
  readonly kind: EntryKind;
  readonly objectId: string;
  /** The event that is part of the entry's key, where one object makes several entries of a kind. */
  readonly keyEvent?: string | undefined;
  /** Signed, in the currency's minor unit, never zero. */
  readonly amount: bigint;
  readonly currency: string;
  readonly occurredAt: Date;
  /** The event that takes precedence for the fields above. */
  readonly sourceEvent: EventFacts;
  readonly paymentIntent: string | undefined;
};
