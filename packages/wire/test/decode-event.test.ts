import { decodeEvent } from "@takings/wire";
import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { decoded, snapshot, succeededIntent } from "./bodies.ts";

describe("Decoding an event", () => {
  it("reads the envelope and the facts of its object", () => {
    expect(decoded(succeededIntent("1234"))).to.deep.equal({
      id: "evt_1",
      type: "payment_intent.succeeded",
      created: new Date("2024-05-06T07:08:09Z"),
      livemode: true,
      account: null,
      objectId: "pi_1",
      paymentIntent: "pi_1",
      balance: undefined,
      subject: {
        object: "payment_intent",
        paymentIntent: { id: "pi_1", amountReceived: 1234n, currency: "usd" },
      },
      facts: {
        eventId: "evt_1",
        created: new Date("2024-05-06T07:08:09Z"),
        type: "payment_intent.succeeded",
        apiVersion: "2022-08-01",
        objectId: "pi_1",
        shows: [
          {
            object: "payment_intent",
            id: "pi_1",
            latestCharge: undefined,
            status: undefined,
            amount: undefined,
            amountReceived: 1234n,
            currency: "usd",
          },
        ],
      },
    });
  });

  it("has the same object id in its facts as in its own fields, from which facts are read again", () => {
    const body = snapshot(
      "refund.created",
      '{"refund":{"object":"refund","id":"re_1"}}',
      '"related_object":{"id":"re_1"},',
    );
    const { objectId, facts } = decoded(body);
    expect([objectId, facts?.objectId]).to.deep.equal(["re_1", "re_1"]);
  });

  it("reads the connected account", () => {
    expect(decoded(snapshot("ping", "{}", '"account":"acct_1",')).account).to.equal("acct_1");
  });

  it("reads an expanded reference as the id of its object", () => {
    const charge = decoded(
      snapshot("charge.updated", '{"id":"ch_1","payment_intent":{"id":"pi_7","amount":1}}'),
    );
    expect(charge.paymentIntent).to.equal("pi_7");
  });

  it("reads the time and the object of a thin event", () => {
    const thin = decoded(
      '{"id":"evt_1","type":"v1.refund.created","created":"2026-10-01T02:03:04.567Z","related_object":{"id":"re_1"}}',
    );
    expect([thin.created?.toISOString(), thin.objectId]).to.deep.equal(["2026-10-01T02:03:04.567Z", "re_1"]);
  });

  it("treats a thin event of a type that counts as one that cannot be understood", () => {
    expect(decoded('{"id":"evt_1","type":"v1.charge.refunded"}').subject.object).to.equal("thin");
  });

  it("treats a thin event of any other type as one that is not counted", () => {
    expect(decoded('{"id":"evt_1","type":"v1.customer.created"}').subject.object).to.equal("other");
  });

  it("accepts an event with nothing but an id and a type", () => {
    expect(decoded('{"id":"evt_1","type":"ping"}').subject.object).to.equal("other");
  });
});

describe("A body that is not an event", () => {
  const bodies = [
    "",
    "null",
    "[]",
    '"evt_1"',
    "{",
    "{}",
    '{"id":"evt_1"}',
    '{"type":"ping"}',
    '{"id":"cus_1","type":"ping"}',
    '{"id":"evt_1","type":"two words"}',
    '\ufeff{"id":"evt_1","type":"ping"}',
  ];
  for (const body of bodies) {
    it(`is recognised: ${JSON.stringify(body)}`, () => {
      expect(decodeEvent(Buffer.from(body))).to.equal(undefined);
    });
  }

  it("is recognised when it is not UTF-8", () => {
    expect(decodeEvent(Buffer.from('{"id":"evt_1","type":"ping","name":"\xe9"}', "latin1"))).to.equal(
      undefined,
    );
  });

  it("never makes decoding throw, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeEvent(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("never makes decoding throw, however deeply nested it is", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    decodeEvent(Buffer.from(`{"id":"evt_1","type":"ping","number":9007199254740993,"deep":${deep}}`));
  });
});

const types = [
  "payment_intent.succeeded",
  "charge.succeeded",
  "charge.captured",
  "charge.refunded",
  "charge.refund.updated",
  "refund.created",
  "refund.failed",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
  "v1.refund.created",
  "ping",
];

/** Objects with the members that are read, with any values in them. */
const anyObject = fc.dictionary(
  fc.constantFrom(
    "id",
    "amount",
    "amount_received",
    "currency",
    "created",
    "charge",
    "refunds",
    "data",
    "status",
  ),
  fc.jsonValue(),
);

describe("Any object in an event of any type", () => {
  it("is decoded without an exception", () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.oneof(fc.jsonValue(), anyObject), (type, object) => {
        expect(decoded(snapshot(type, JSON.stringify(object))).type).to.equal(type);
      }),
      { numRuns: 1_000 },
    );
  });
});
