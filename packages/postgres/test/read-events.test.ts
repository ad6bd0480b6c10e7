import { eventWithEntry } from "@takings/testkit";
import type { EventFilter } from "@takings/domain";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { replayQuarantined } from "../src/quarantine/resolve-quarantine.ts";
import { createPayloadCodec } from "../src/columns/payload-codec.ts";
import { type TestStore, createTestStore } from "./test-store.ts";

describe("stored events", () => {
  let store: TestStore;

  before(async () => {
    store = await createTestStore();
  });

  after(() => store.close());

  async function eventsNow(different: Partial<EventFilter>): Promise<string[]> {
    const asOf = await store.reader.safeReadTime();
    const filter = { asOf, from: undefined, to: undefined, type: undefined, source: "default", ...different };
    const events = await store.reader.events(filter, { limit: 100, after: undefined });
    return events.map((event) => event.eventId);
  }

  it("have exactly the body that was received, whitespace, escapes and a byte order mark included", async () => {
    const payload = '\u{FEFF}{ "a" : "\\u0000 é 🙂",\n\t"big":12345678901234567890 }\n';
    await store.writer.record([eventWithEntry({ eventId: "evt_body", payload })]);
    expect((await store.reader.event("evt_body", "default"))?.payload).to.equal(payload);
  });

  it("are undefined when unknown", async () => {
    expect(await store.reader.event("evt_unknown", "default")).to.equal(undefined);
  });

  it("have null for fields that are unknown", async () => {
    const record = eventWithEntry({ eventId: "evt_odd" });
    await store.writer.record([
      {
        ...record,
        facts: undefined,
        livemode: null,
        objectId: null,
        paymentIntent: null,
        status: "quarantined",
        reason: "no livemode",
      },
    ]);
    const { payload: _, ...event } = (await store.reader.event("evt_odd", "default")) ?? { payload: "" };
    expect(event).to.deep.equal({
      eventId: "evt_odd",
      source: "default",
      type: "payment_intent.succeeded",
      created: "2024-05-01T00:00:00Z",
      receivedAt: "2024-05-01T00:00:00Z",
      livemode: null,
      account: null,
      objectId: null,
      paymentIntent: null,
      status: "quarantined",
      reason: "no livemode",
      payloadRemovedAt: null,
    });
  });

  it("are found by type, in the order of time and id", async () => {
    const type = "customer.created";
    await store.writer.record([
      eventWithEntry({ eventId: "evt_b", type, at: "2024-05-02T00:00:00Z" }),
      eventWithEntry({ eventId: "evt_a", type, at: "2024-05-02T00:00:00Z" }),
      eventWithEntry({ eventId: "evt_c", type, at: "2024-05-01T00:00:00Z" }),
    ]);
    expect(await eventsNow({ type })).to.deep.equal(["evt_c", "evt_a", "evt_b"]);
  });

  it("are selected by a half-open range", async () => {
    await store.writer.record([
      eventWithEntry({ eventId: "evt_in", at: "2023-01-01T00:00:00Z" }),
      eventWithEntry({ eventId: "evt_out", at: "2023-01-02T00:00:00Z" }),
    ]);
    expect(await eventsNow({ from: "2023-01-01T00:00:00Z", to: "2023-01-02T00:00:00Z" })).to.deep.equal([
      "evt_in",
    ]);
  });

  it("are left out when they were recorded after the requested moment", async () => {
    const asOf = await store.reader.safeReadTime();
    await store.writer.record([eventWithEntry({ eventId: "evt_after", type: "plan.created" })]);
    expect(await eventsNow({ asOf, type: "plan.created" })).to.deep.equal([]);
  });

  for (const [where, created] of [
    ["before", "2022-01-01T00:00:00Z"],
    ["after", "2022-12-01T00:00:00Z"],
  ] as const) {
    it(`are each returned once by a pagination during which one of them is replayed and moves to ${where} its position (D17)`, async () => {
      const range = { from: "2022-01-01T00:00:00Z", to: "2023-01-01T00:00:00Z" };
      const replayed = `evt_walk_${where}`;
      const known = eventWithEntry({
        eventId: replayed,
        type: `invoice.${where}`,
        at: "2022-06-02T00:00:00Z",
      });
      await store.writer.record([
        eventWithEntry({ eventId: `evt_1_${where}`, type: `invoice.${where}`, at: "2022-06-01T00:00:00Z" }),
        { ...known, facts: undefined, status: "quarantined", reason: "not understood" },
        eventWithEntry({ eventId: `evt_2_${where}`, type: `invoice.${where}`, at: "2022-06-03T00:00:00Z" }),
      ]);
      const filter = {
        asOf: await store.reader.safeReadTime(),
        ...range,
        type: `invoice.${where}`,
        source: "default",
      };
      const walked: string[] = [];
      let after: { readonly time: string; readonly id: string } | undefined;
      for (;;) {
        const [event] = await store.reader.events(filter, { limit: 1, after });
        if (event === undefined) break;
        walked.push(`${event.eventId} ${event.status}`);
        after = { time: event.created, id: event.eventId };
        if (walked.length === 1) {
          await replayQuarantined(store.admin, createPayloadCodec(), {
            event: { source: "default", eventId: replayed },
            read: () => eventWithEntry({ eventId: replayed, type: "invoice.sent", at: created }),
            decider: {},
          });
        }
      }
      expect(walked).to.deep.equal([
        `evt_1_${where} processed`,
        `${replayed} quarantined`,
        `evt_2_${where} processed`,
      ]);
      expect(await eventsNow({ type: "invoice.sent" })).to.include(replayed);
    });
  }

  it("of a payment are those that name it or are about an object of its entries", async () => {
    const refund = { objectId: "re_9", kind: "refund", amount: -5n, paymentIntent: "pi_9" } as const;
    await store.writer.record([
      eventWithEntry({
        eventId: "evt_pay9",
        objectId: "pi_9",
        paymentIntent: "pi_9",
        at: "2024-01-01T00:00:00Z",
      }),
      eventWithEntry({ eventId: "evt_refund9", ...refund, at: "2024-01-02T00:00:00Z" }),
      // This one is about the refund and does not name the payment.
      {
        ...eventWithEntry({ eventId: "evt_silent9", objectId: "re_9", at: "2024-01-03T00:00:00Z" }),
        facts: undefined,
      },
      eventWithEntry({ eventId: "evt_other9", objectId: "pi_other", at: "2024-01-04T00:00:00Z" }),
    ]);
    const { entries, events } = await store.reader.payment(
      "pi_9",
      "default",
      await store.reader.safeReadTime(),
    );
    expect(entries.map((entry) => entry.objectId)).to.deep.equal(["pi_9", "re_9"]);
    expect(events.map((event) => event.eventId)).to.deep.equal(["evt_pay9", "evt_refund9", "evt_silent9"]);
  });

  it("and entries of an unknown payment are empty", async () => {
    const history = await store.reader.payment("pi_unknown", "default", await store.reader.safeReadTime());
    expect(history).to.deep.equal({ entries: [], events: [] });
  });
});
