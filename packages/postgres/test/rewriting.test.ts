import type { StoredEvent } from "@takings/domain";
import { eventWithCharge, eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { replayQuarantined } from "../src/quarantine/resolve-quarantine.ts";
import { createPayloadCodec } from "../src/columns/payload-codec.ts";
import { type EventRewrite, rewriteEvents } from "../src/rebuild/rewrite-events.ts";
import { createTestStore, keyOf, type TestStore } from "./test-store.ts";

describe("an event that a rebuild reads differently", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());

  const said = eventWithEntry({ eventId: "evt_1", paymentIntent: "pi_1", at: "2024-05-01T00:00:00Z" });
  const codec = createPayloadCodec();

  async function rewrite(different: Partial<EventRewrite>): Promise<void> {
    const { payload: _payload, receivedAt: _receivedAt, ...record } = said;
    await rewriteEvents(store.admin, codec, [keyOf("evt_1")], () => ({ ...record, rules: 1, ...different }));
  }

  async function listed(asOf: string): Promise<readonly StoredEvent[]> {
    const filter = { asOf, from: undefined, to: undefined, type: undefined, source: "default" };
    const events = await store.reader.events(filter, { limit: 10, after: undefined });
    expect((await store.reader.payment("pi_1", "default", asOf)).events).to.deep.equal(events);
    return events;
  }

  it("is listed as of each moment as it was then, and at the position of then", async () => {
    await store.writer.record([said]);
    const responses: { readonly asOf: string; readonly events: readonly StoredEvent[] }[] = [];
    const note = async (): Promise<void> => {
      const asOf = await store.reader.safeReadTime();
      responses.push({ asOf, events: await listed(asOf) });
    };
    await note();
    await rewrite({ type: "charge.succeeded", created: new Date("2024-04-01T00:00:00Z") });
    await note();
    await rewrite({ status: "quarantined", reason: "not understood", facts: undefined });
    await note();
    await replayQuarantined(store.admin, codec, { event: keyOf("evt_1"), read: () => said, decider: {} });
    await note();
    for (const { asOf, events } of responses) expect(await listed(asOf)).to.deep.equal(events);
    expect(
      responses.map(({ events }) => events.map(({ type, status }) => `${type} ${status}`)),
    ).to.deep.equal([
      ["payment_intent.succeeded processed"],
      ["charge.succeeded processed"],
      ["payment_intent.succeeded quarantined"],
      ["payment_intent.succeeded processed"],
    ]);
  });

  it("leaves no previous version where lists show it as before", async () => {
    const count = async (): Promise<unknown> =>
      (await store.admin.query("select count(*) from takings.events_superseded")).rows[0];
    const kept = await count();
    await rewrite({ facts: undefined });
    expect(await count()).to.deep.equal(kept);
  });

  it("changes what other events of its payment count, and leaves events that are not rewritten as they are", async () => {
    const charge = eventWithCharge({ id: "2", at: new Date("2024-05-01T00:00:00Z") });
    const refund = eventWithEntry({
      eventId: "evt_re",
      kind: "refund",
      objectId: "re_2",
      paymentIntent: "pi_2",
    });
    const [shownRefund] = refund.facts?.shows ?? [];
    const [shownCharge] = charge.facts?.shows ?? [];
    if (refund.facts === undefined || shownRefund?.object !== "refund") throw new Error("no refund");
    if (charge.facts === undefined || shownCharge?.object !== "charge") throw new Error("no charge");
    const ofCharge = { ...refund.facts, shows: [{ ...shownRefund, charge: "ch_2" }] };
    await store.writer.record([charge, { ...refund, facts: ofCharge }]);
    const entries = async (): Promise<unknown> =>
      (await store.admin.query("select object_id, event_id from takings.ledger where object_id = 're_2'"))
        .rows;
    expect(await entries()).to.deep.equal([{ object_id: "re_2", event_id: "evt_re" }]);
    // The refund only mirrors the reversal of a transfer.
    const facts = { ...charge.facts, shows: [{ ...shownCharge, fromTransfer: true }] };
    const rewritten = await rewriteEvents(
      store.admin,
      codec,
      ["evt_re", "evt_2"].map(keyOf),
      ({ eventId }) => (eventId === "evt_2" ? { ...charge, facts, rules: 2 } : undefined),
    );
    expect(rewritten).to.deep.equal({ events: 1, entries: 1, balance: 0, quarantined: 0, refused: [] });
    expect(await entries()).to.deep.equal([]);
  });
});
