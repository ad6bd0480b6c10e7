import type { Charge, Dispute, EventFacts, PaymentEvent, Refund, Subject } from "@takings/domain";

const created = new Date("2024-05-06T07:08:09Z");

/** The facts of an event that shows one charge. */
export const someFacts: EventFacts = {
  eventId: "evt_1",
  created,
  type: "some.type",
  apiVersion: "2022-08-01",
  objectId: "ch_1",
  shows: [
    {
      object: "charge",
      id: "ch_1",
      paymentIntent: undefined,
      fromTransfer: false,
      status: "succeeded",
      captured: true,
      amount: 1000n,
      amountCaptured: 1000n,
      amountRefunded: 0n,
      currency: "usd",
      multicapture: false,
    },
  ],
};

/** An event of the platform's live mode at a fixed time, with the given subject; `different` replaces the rest. */
export function anEvent(subject: Subject, different: Partial<PaymentEvent> = {}): PaymentEvent {
  return {
    id: "evt_1",
    type: "some.type",
    created,
    livemode: true,
    account: null,
    objectId: undefined,
    paymentIntent: undefined,
    facts: someFacts,
    subject,
    balance: undefined,
    ...different,
  };
}

/** A captured charge of 1000 without a PaymentIntent. */
export function aCharge(different: Partial<Charge> = {}): Charge {
  return {
    id: "ch_1",
    amountCaptured: 1000n,
    amountRefunded: 0n,
    captured: true,
    currency: "usd",
    paymentIntent: null,
    fromTransfer: false,
    refunds: [],
    ...different,
  };
}

/** A refund of 400. */
export function aRefund(different: Partial<Refund> = {}): Refund {
  return {
    id: "re_1",
    amount: 400n,
    currency: "usd",
    created: new Date("2024-05-01T00:00:00Z"),
    isNonRefund: false,
    ...different,
  };
}

/** A dispute of 700 whose balance transactions are not known. */
export function aDispute(different: Partial<Dispute> = {}): Dispute {
  return { id: "dp_1", amount: 700n, currency: "usd", balanceTransactions: [], ...different };
}
