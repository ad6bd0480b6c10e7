import {
  defaultSource,
  type EventRecord,
  type ShownCharge,
  type ShownObject,
  type ShownRefund,
} from "@takings/domain";

export const shownIntent = (id: string, amount = 1000n): ShownObject => ({
  object: "payment_intent",
  id,
  latestCharge: undefined,
  status: "succeeded",
  amount,
  amountReceived: amount,
  currency: "usd",
});

/** A captured charge. */
export const shownCharge = (id: string, different: Partial<ShownCharge> = {}): ShownObject => ({
  object: "charge",
  id,
  paymentIntent: undefined,
  fromTransfer: false,
  status: "succeeded",
  captured: true,
  amount: 1000n,
  amountCaptured: 1000n,
  amountRefunded: 0n,
  currency: "usd",
  multicapture: false,
  ...different,
});

export const shownRefund = (id: string, different: Partial<ShownRefund> = {}): ShownObject => ({
  object: "refund",
  id,
  charge: undefined,
  paymentIntent: undefined,
  amount: 100n,
  currency: "usd",
  created: new Date("2024-05-01T00:00:00Z"),
  status: "succeeded",
  reason: "requested_by_customer",
  mirrorsTransferReversal: false,
  paysOutCashBalance: false,
  ...different,
});

type Stated = Partial<Pick<EventRecord, "source" | "account" | "livemode">> & {
  readonly type?: string;
  readonly second?: number;
};

const typeOf: Readonly<Record<ShownObject["object"], string>> = {
  payment_intent: "payment_intent.succeeded",
  charge: "charge.succeeded",
  refund: "refund.created",
  dispute: "charge.dispute.funds_withdrawn",
};

/** A stored event that shows these objects, the first of them as its own. */
export function eventShowing(
  eventId: string,
  shows: readonly [ShownObject, ...ShownObject[]],
  stated: Stated = {},
): EventRecord {
  const { source = defaultSource, account = null, livemode = true, second = 0 } = stated;
  const { type = typeOf[shows[0].object] } = stated;
  const created = new Date(Date.UTC(2024, 4, 1, 0, 0, second));
  const [{ id: objectId }] = shows;
  return {
    eventId,
    source,
    type,
    created,
    receivedAt: created,
    livemode,
    account,
    objectId,
    paymentIntent: null,
    status: "processed",
    reason: null,
    facts: { eventId, created, type, apiVersion: undefined, objectId, shows },
    balance: undefined,
    payload: new TextEncoder().encode("{}"),
  };
}
