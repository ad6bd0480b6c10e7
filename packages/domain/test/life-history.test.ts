import {
  createPaymentService,
  type LedgerClaim,
  mergeClaims,
  type PaymentEvent,
  type Refund,
  type Subject,
} from "@takings/domain";
import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { aCharge, aDispute, anEvent, aRefund } from "./payment-events.ts";

const service = createPaymentService("acct_platform");

const amount = fc.bigInt({ min: 0n, max: 2n ** 60n });
const status = fc.constantFrom("pending", "succeeded", "failed", "canceled", undefined);
const intent = fc.constantFrom("pi_1", undefined);
const second = fc.nat(5).map((seconds) => new Date(Date.UTC(2024, 0, 1, 0, 0, seconds)));

const refund: fc.Arbitrary<Refund> = fc
  .record({ id: fc.constantFrom("re_1", "re_2"), amount, status, created: second, paymentIntent: intent })
  .map((facts) => aRefund(facts));

const subject: fc.Arbitrary<Subject> = fc.oneof(
  amount.map((amountReceived): Subject => {
    return { object: "payment_intent", paymentIntent: { id: "pi_1", amountReceived, currency: "usd" } };
  }),
  fc
    .record({ amountCaptured: amount, captured: fc.boolean(), paymentIntent: intent })
    .map((facts): Subject => {
      return { object: "charge", charge: aCharge(facts) };
    }),
  refund.map((refunded): Subject => ({ object: "refund", refund: refunded })),
  fc.array(refund, { maxLength: 3 }).map((refunds): Subject => {
    return { object: "refunded_charge", charge: aCharge({ paymentIntent: "pi_1", refunds }) };
  }),
  fc.record({ amount, paymentIntent: intent }).map((facts): Subject => {
    return { object: "dispute_withdrawal", dispute: aDispute(facts) };
  }),
  fc.record({ amount, paymentIntent: intent }).map((facts): Subject => {
    return { object: "dispute_reinstatement", dispute: aDispute(facts) };
  }),
  fc.constant<Subject>({ object: "other" }),
);

/** What is said of one payment: events of distinct ids, many of them in the same second. */
const lifeHistory: fc.Arbitrary<PaymentEvent[]> = fc
  .array(
    fc.record({
      subject,
      created: second,
      account: fc.constantFrom(null, "acct_platform", "acct_1"),
      livemode: fc.boolean(),
    }),
    { maxLength: 15 },
  )
  .map((events) =>
    events.map(({ subject: said, ...facts }, index) => anEvent(said, { id: `evt_${index}`, ...facts })),
  );

function ledgerOf(events: readonly PaymentEvent[]): [string, LedgerClaim][] {
  const claims = events.flatMap((event) => {
    const meaning = service.interpret(event);
    return meaning.status === "processed" ? meaning.claims : [];
  });
  return [...mergeClaims(claims)].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe("A life history", () => {
  it("gives the same ledger in any order and with any event delivered again", () => {
    const delivered = lifeHistory.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.subarray(events).chain((again) => {
          const all = [...events, ...again];
          return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
        }),
      ),
    );
    fc.assert(
      fc.property(delivered, ([events, deliveries]) => {
        expect(ledgerOf(deliveries)).to.deep.equal(ledgerOf(events));
      }),
      { numRuns: 500 },
    );
  });

  it("never makes an entry of nothing", () => {
    fc.assert(
      fc.property(lifeHistory, (events) => {
        expect(ledgerOf(events).filter(([, claim]) => claim.amount === 0n)).to.deep.equal([]);
      }),
    );
  });
});
