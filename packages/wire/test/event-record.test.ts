import { createPaymentService } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { toEventRecord } from "../src/event-record.ts";

const payments = createPaymentService(() => "acct_platform");
const receivedAt = new Date("2024-05-01T12:00:00Z");

function read(body: string | Uint8Array): ReturnType<typeof toEventRecord> {
  return toEventRecord(
    { source: "default", body: typeof body === "string" ? Buffer.from(body) : body, receivedAt },
    payments,
  );
}

const succeeded = {
  id: "evt_1",
  type: "payment_intent.succeeded",
  created: 1_700_000_000,
  livemode: true,
  data: { object: { id: "pi_1", amount_received: 1_250, currency: "usd" } },
};

describe("a body", () => {
  it("of a payment becomes a record with its facts", () => {
    const record = read(JSON.stringify(succeeded));
    expect(record).to.deep.include({
      eventId: "evt_1",
      status: "processed",
      reason: null,
      account: null,
      objectId: "pi_1",
      paymentIntent: "pi_1",
      created: new Date(1_700_000_000_000),
    });
    expect(record.facts?.shows).to.deep.equal([
      {
        object: "payment_intent",
        id: "pi_1",
        latestCharge: undefined,
        status: undefined,
        amount: undefined,
        amountReceived: 1_250n,
        currency: "usd",
      },
    ]);
  });

  it("without a payment object becomes a record without facts", () => {
    const record = read('{"id":"evt_2","type":"customer.created"}');
    expect(record).to.deep.include({ status: "processed", facts: undefined, livemode: null });
  });

  it("without a time is dated by when it was received", () => {
    expect(read('{"id":"evt_3","type":"customer.created"}').created).to.deep.equal(receivedAt);
  });

  it("that should count but cannot be understood is quarantined with the reason", () => {
    const record = read(JSON.stringify({ ...succeeded, livemode: undefined }));
    expect(record).to.deep.include({
      status: "quarantined",
      reason: "livemode is missing or not true or false",
      facts: undefined,
      balance: undefined,
    });
  });

  it("that is only evidence is never quarantined: invalid values in it are ignored", () => {
    const charge = {
      id: "ch_1",
      object: "charge",
      amount: -5,
      amount_refunded: "x",
      currency: "\ud800",
      status: "\0",
    };
    const named = { payment_intent: "pi 1", captured: "yes", source_transfer: null };
    const body = { ...succeeded, type: "charge.updated", data: { object: { ...charge, ...named } } };
    const { status, facts } = read(JSON.stringify(body));
    expect(status).to.equal("processed");
    const said = Object.entries(facts?.shows[0] ?? {}).filter(([, value]) => value !== undefined);
    expect(Object.fromEntries(said)).to.deep.equal({
      object: "charge",
      id: "ch_1",
      fromTransfer: false,
      multicapture: false,
    });
  });

  it("of the platform's own account belongs to the platform", () => {
    expect(read(JSON.stringify({ ...succeeded, account: "acct_platform" })).account).to.equal(null);
    expect(read(JSON.stringify({ ...succeeded, account: "acct_other" })).account).to.equal("acct_other");
  });

  for (const [name, body] of Object.entries({
    "that is not JSON": "not json",
    "that is an array": "[]",
    "without an id": '{"type":"customer.created"}',
    "that is not UTF-8": Uint8Array.from([0xff, 0xfe]),
    "that is empty": "",
  })) {
    it(`${name} is quarantined under an id made from its bytes`, () => {
      const record = read(body);
      expect(record).to.include({ status: "quarantined", reason: "the body is not a Stripe event" });
      expect(record.eventId).to.match(/^unreadable_[0-9a-f]{64}$/);
      expect(read(body).eventId).to.equal(record.eventId);
    });
  }
});
