import { createHash } from "node:crypto";
import { createPaymentService } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { isUnparsed, toEventRecord, toUnparsedRecord } from "../src/event-record.ts";
import { subjectOf } from "../src/stream.ts";

const body = Buffer.from('{"id":"evt_inside"}');
const receivedAt = new Date("2026-11-24T06:00:00Z");
const message = {
  source: "default",
  body,
  receivedAt,
  subject: subjectOf("invoice.paid"),
  messageId: "evt_1",
};

describe("a record made without parsing the body", () => {
  it("has the id and type of the message, the unchanged body, and the reason", () => {
    expect(toUnparsedRecord(message, "it crashed")).to.deep.equal({
      eventId: "evt_1",
      source: "default",
      type: "invoice.paid",
      created: receivedAt,
      receivedAt,
      livemode: null,
      account: null,
      objectId: null,
      paymentIntent: null,
      status: "quarantined",
      reason: "unparsed: it crashed",
      facts: undefined,
      balance: undefined,
      payload: body,
    });
  });

  it("has the id without the source that the message id begins with", () => {
    const ofSource = { ...message, source: "shop-eu", messageId: "shop-eu/evt_1" };
    expect(toUnparsedRecord(ofSource, "x")).to.include({ eventId: "evt_1", source: "shop-eu" });
  });

  for (const messageId of [undefined, "", "not an id", "other/evt_1", `evt_${"x".repeat(300)}`]) {
    it(`has an id made from its bytes where the message has no event id but ${JSON.stringify(messageId)?.slice(0, 20)}`, () => {
      const digest = createHash("sha256").update(body).digest("hex");
      expect(toUnparsedRecord({ ...message, messageId }, "x").eventId).to.equal(`unreadable_${digest}`);
    });
  }

  it("is distinguished from one that was read and quarantined", () => {
    expect(isUnparsed(toUnparsedRecord(message, "x"))).to.equal(true);
    expect(
      isUnparsed(toEventRecord({ source: "default", body, receivedAt }, createPaymentService())),
    ).to.equal(false);
  });
});
