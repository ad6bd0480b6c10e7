import type { Charge, Dispute, LedgerClaim, Meaning, PaymentEvent, Refund, Subject } from "@takings/domain";

/** An event of the platform's live mode at a fixed time, with the given subject; `facts` replace the rest. */
export function anEvent(subject: Subject, facts: Partial<PaymentEvent> = {}): PaymentEvent {
  return {
    id: "evt_1",
    type: "some.type",
    created: new Date("2024-05-06T07:08:09Z"),
    livemode: true,
    account: null,
    apiVersion: "2022-08-01",
    objectId: undefined,
    paymentIntent: undefined,
    subject,
    ...facts,
  };
}

/** A captured charge of 1000 without a PaymentIntent. */
export function aCharge(facts: Partial<Charge> = {}): Charge {
  return {
    id: "ch_1",
    amount: 1000n,
    amountCaptured: 1000n,
    amountRefunded: 0n,
    captured: true,
    currency: "usd",
    paymentIntent: null,
    fromTransfer: false,
    refunds: [],
    ...facts,
  };
}

/** A succeeded refund of 400. */
export function aRefund(facts: Partial<Refund> = {}): Refund {
  return {
    id: "re_1",
    amount: 400n,
    currency: "usd",
    created: new Date("2024-05-01T00:00:00Z"),
    status: "succeeded",
    reason: undefined,
    paymentIntent: "pi_1",
    charge: undefined,
    ...facts,
  };
}

/** A dispute of 700 whose balance transactions are not known. */
export function aDispute(facts: Partial<Dispute> = {}): Dispute {
  return {
    id: "dp_1",
    amount: 700n,
    currency: "usd",
    paymentIntent: "pi_1",
    balanceTransactions: [],
    ...facts,
  };
}

/** The claims of an event that was understood. Throws, with the reason, when it was quarantined. */
export function claimsOf(meaning: Meaning): readonly LedgerClaim[] {
  if (meaning.status === "processed") return meaning.claims;
  throw new Error(`quarantined: ${meaning.reason}`);
}
