import type { StoredEventWithPayload } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { startTestServer } from "./test-server.ts";
import { stubReader } from "./stub-reader.ts";

const removed: StoredEventWithPayload = {
  eventId: "evt_1",
  type: "payment_intent.succeeded",
  created: "2024-01-01T00:00:00Z",
  receivedAt: "2024-01-01T00:00:01Z",
  livemode: true,
  source: "default",
  account: null,
  objectId: "pi_1",
  paymentIntent: "pi_1",
  status: "processed",
  reason: null,
  payload: null,
  payloadRemovedAt: "2025-01-01T00:00:00Z",
};

describe("an event whose payload was removed", () => {
  it("is returned without it, with the time of removal", async () => {
    const service = await startTestServer(stubReader({ event: () => Promise.resolve(removed) }));
    const { status, body } = await service.get("/v1/events/evt_1");
    await service.close();
    expect([status, body]).to.deep.equal([
      200,
      {
        event_id: "evt_1",
        type: "payment_intent.succeeded",
        created: "2024-01-01T00:00:00Z",
        received_at: "2024-01-01T00:00:01Z",
        livemode: true,
        source: "default",
        account: null,
        object_id: "pi_1",
        status: "processed",
        reason: null,
        payload: null,
        payload_removed_at: "2025-01-01T00:00:00Z",
      },
    ]);
  });
});
