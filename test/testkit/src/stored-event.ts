import { defaultSource, type EventFacts, type EventRecord } from "@takings/domain";

/** What differs between stored events; the others have defaults. */
export type StoredEventFields = {
  readonly eventId: string;
  readonly type: string;
  /** When it happened and was received. */
  readonly created: Date;
  readonly objectId: string;
  readonly paymentIntent: string | null;
  readonly shows: EventFacts["shows"];
  readonly source?: string | undefined;
  readonly livemode?: boolean | undefined;
  readonly account?: string | null | undefined;
  readonly payload?: string | undefined;
};

/** A processed event as the consumer stores it: by default live, of the platform of the default source, with an empty object as payload. */
export function storedEvent(fields: StoredEventFields): EventRecord {
  const { eventId, type, created, objectId, shows } = fields;
  return {
    eventId,
    source: fields.source ?? defaultSource,
    type,
    created,
    receivedAt: created,
    livemode: fields.livemode ?? true,
    account: fields.account ?? null,
    objectId,
    paymentIntent: fields.paymentIntent,
    status: "processed",
    reason: null,
    payload: new TextEncoder().encode(fields.payload ?? "{}"),
    facts: { eventId, created, type, apiVersion: undefined, objectId, shows },
    balance: undefined,
  };
}
