import { eventWithEntry, type EntryFields } from "@takings/testkit";
import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { createPayloadCodec } from "../src/columns/payload-codec.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { type TestStore, createTestStore } from "./test-store.ts";

/** More of them: FUZZ_CASES. */
const cases = Number(process.env["FUZZ_CASES"] ?? 30);

describe("recording batches", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());

  async function ledgerOf(objectId: string): Promise<Record<string, unknown>[]> {
    const { rows } = await store.admin.query<Record<string, unknown>>(
      `select kind, amount, currency, occurred_at, event_id, payment_intent from takings.ledger
       where object_id = $1 order by kind`,
      [objectId],
    );
    return rows;
  }

  it("returns the ids of new events", async () => {
    const one = eventWithEntry({ eventId: "evt_new1" });
    const two = eventWithEntry({ eventId: "evt_new2" });
    expect([...(await store.writer.record([one])).keys()]).to.deep.equal(["evt_new1"]);
    expect([...(await store.writer.record([two, one])).keys()]).to.deep.equal(["evt_new2"]);
    expect([...(await store.writer.record([one, two])).keys()]).to.deep.equal([]);
  });

  it("stores one row for an event that is twice in a batch (trap 32)", async () => {
    const twice = Array.from({ length: 500 }, (_, n) => eventWithEntry({ eventId: `evt_twice${n % 250}` }));
    expect((await store.writer.record(twice)).size).to.equal(250);
  });

  it("stores the bytes of a payload unchanged, NUL and invalid text included (trap 31)", async () => {
    const payload = Buffer.from([0, 0xff, 0xfe, ...Buffer.from('{"a":"\\u0000\\ud800"}')]);
    await store.writer.record([
      eventWithEntry({ eventId: "evt_before" }),
      { ...eventWithEntry({ eventId: "evt_bytes" }), payload },
      eventWithEntry({ eventId: "evt_behind" }),
    ]);
    const { rows } = await store.admin.query<{ codec: number; bytes: Buffer }>(
      `select payload_codec as codec, payload as bytes from takings.events
       where event_id in ('evt_before', 'evt_bytes', 'evt_behind') order by event_id`,
    );
    const codec = createPayloadCodec();
    expect(rows.map((stored) => codec.decode(stored).toString("hex"))).to.deep.equal([
      Buffer.from("{}").toString("hex"),
      Buffer.from("{}").toString("hex"),
      payload.toString("hex"),
    ]);
  });

  it("stores a type that a text column could not hold", async () => {
    const odd = { ...eventWithEntry({ eventId: "evt_oddtype" }), type: `a\0b\ud800${"x".repeat(9_000)}` };
    await store.writer.record([odd]);
    const { rows } = await store.admin.query<{ type: string }>(
      "select type from takings.events where event_id = 'evt_oddtype'",
    );
    expect(rows[0]?.type).to.match(/^a\u{FFFD}b\u{FFFD}x+…$/u);
  });

  it("counts one payment that two events report once, by the earlier event (trap 28)", async () => {
    await store.writer.record([
      eventWithEntry({ eventId: "evt_b", objectId: "pi_two", amount: 5n, at: "2024-05-02T00:00:00Z" }),
    ]);
    await store.writer.record([
      eventWithEntry({ eventId: "evt_a", objectId: "pi_two", amount: 7n, at: "2024-05-01T00:00:00Z" }),
    ]);
    await store.writer.record([
      eventWithEntry({ eventId: "evt_c", objectId: "pi_two", amount: 9n, at: "2024-05-03T00:00:00Z" }),
    ]);
    const [entry, ...others] = await ledgerOf("pi_two");
    expect(others).to.deep.equal([]);
    expect(entry).to.include({ amount: "7", event_id: "evt_a" });
  });

  it("orders events of the same second by their ids (trap 35)", async () => {
    await store.writer.record([eventWithEntry({ eventId: "evt_tieB", objectId: "pi_tie", amount: 2n })]);
    await store.writer.record([eventWithEntry({ eventId: "evt_tieA", objectId: "pi_tie", amount: 1n })]);
    expect((await ledgerOf("pi_tie"))[0]).to.include({ amount: "1", event_id: "evt_tieA" });
  });

  it("compares ids by their bytes, as the domain does", async () => {
    await store.writer.record([eventWithEntry({ eventId: "evt_a", objectId: "pi_bytes", amount: 2n })]);
    await store.writer.record([eventWithEntry({ eventId: "evt_Z", objectId: "pi_bytes", amount: 1n })]);
    expect((await ledgerOf("pi_bytes"))[0]).to.include({ event_id: "evt_Z" });
  });

  it("takes a missing PaymentIntent from a later event without making that the source event", async () => {
    await store.writer.record([
      eventWithEntry({
        eventId: "evt_f1",
        objectId: "re_fill",
        kind: "refund",
        amount: -3n,
        paymentIntent: null,
      }),
    ]);
    await store.writer.record([
      eventWithEntry({
        eventId: "evt_f2",
        objectId: "re_fill",
        kind: "refund",
        amount: -4n,
        paymentIntent: "pi_filled",
        at: "2024-06-01T00:00:00Z",
      }),
    ]);
    expect((await ledgerOf("re_fill"))[0]).to.include({
      amount: "-3",
      event_id: "evt_f1",
      payment_intent: "pi_filled",
    });
  });

  it("keeps the previous version of an entry when another event takes precedence", async () => {
    await store.writer.record([
      eventWithEntry({ eventId: "evt_h2", objectId: "pi_hist", amount: 2n, at: "2024-05-02T00:00:00Z" }),
    ]);
    await store.writer.record([
      eventWithEntry({ eventId: "evt_h1", objectId: "pi_hist", amount: 1n, at: "2024-05-01T00:00:00Z" }),
    ]);
    const { rows } = await store.admin.query(
      `select old.amount, old.superseded_at = now.recorded_at as at_once
       from takings.ledger_superseded old join takings.ledger now using (id) where old.object_id = 'pi_hist'`,
    );
    expect(rows).to.deep.equal([{ amount: "2", at_once: true }]);
  });

  it("writes nothing when the database rejects one event of the batch", async () => {
    const tooLarge = { ...eventWithEntry({ eventId: "evt_large", amount: 2n ** 63n }), eventId: "evt_large" };
    const failure = await store.writer
      .record([eventWithEntry({ eventId: "evt_neighbour" }), tooLarge])
      .catch((e: unknown) => e);
    expect(failure).to.include({ name: "TakingsError", code: "invalid" });
    const { rows } = await store.admin.query("select from takings.events where event_id = 'evt_neighbour'");
    expect(rows).to.have.length(0);
  });

  it("lets 8 writers record the same events in opposite orders without deadlocks or duplicates (traps 27, 42)", async () => {
    const batch = Array.from({ length: 200 }, (_, n) =>
      eventWithEntry({ eventId: `evt_storm${n}`, objectId: `pi_storm${n % 50}`, amount: BigInt(n + 1) }),
    );
    const orders = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? batch : batch.toReversed()));
    const fresh = await Promise.all(orders.map((order) => store.writer.record(order)));
    expect(fresh.map((ids) => ids.size).reduce((a, b) => a + b)).to.equal(200);
    const { rows } = await store.admin.query<{ n: string }>(
      "select count(*) as n from takings.ledger where object_id like 'pi_storm%'",
    );
    expect(rows[0]?.n).to.equal("50");
  });

  it("keeps no payload of processed events in mode `ledger`, and that of quarantined ones", async () => {
    const writer = createPaymentWriter(store.admin, { payloads: "ledger" });
    const whole = { payload: '{"name":"Jenny"}', objectId: "pi_bare" };
    await writer.record([
      eventWithEntry({ ...whole, eventId: "evt_bare1" }),
      {
        ...eventWithEntry({ ...whole, eventId: "evt_bare2" }),
        status: "quarantined",
        reason: "odd",
        facts: undefined,
      },
      eventWithEntry({ ...whole, eventId: "evt_bare3", objectId: "pi_bare3" }),
    ]);
    const bodies = await Promise.all(
      ["evt_bare1", "evt_bare2", "evt_bare3"].map((id) => store.reader.event(id, "default")),
    );
    expect(bodies.map((event) => event?.payload)).to.deep.equal([null, whole.payload, null]);
    expect(bodies[0]?.payloadRemovedAt).to.be.a("string");
    expect(await ledgerOf("pi_bare")).to.have.length(1);
  });

  it("ignores another body of an event, in the same batch or later", async () => {
    const said = { eventId: "evt_bodies", objectId: "re_bodies", kind: "refund", amount: -5n } as const;
    const another = eventWithEntry({
      ...said,
      objectId: "re_bodies2",
      payload: "{ }",
      at: "2024-04-01T00:00:00Z",
    });
    await store.writer.record([eventWithEntry(said), another]);
    expect([...(await store.writer.record([another])).keys()]).to.deep.equal([]);
    expect(await ledgerOf("re_bodies")).to.have.length(1);
    expect(await ledgerOf("re_bodies2")).to.have.length(0);
  });

  it("gives an event from Stripe precedence over one that was made from the object", async () => {
    const said = { objectId: "re_made", kind: "refund", amount: -5n } as const;
    await store.writer.record([
      eventWithEntry({ ...said, eventId: "evt_reconcile_re_made", at: "2024-04-01T00:00:00Z" }),
    ]);
    await store.writer.record([eventWithEntry({ ...said, eventId: "evt_made", at: "2024-04-09T00:00:00Z" })]);
    await store.writer.record([
      eventWithEntry({ ...said, eventId: "evt_reconcile_re_made_reversal", at: "2024-04-01T00:00:00Z" }),
    ]);
    expect((await ledgerOf("re_made")).map((row) => row["event_id"])).to.deep.equal(["evt_made"]);
  });

  const made = ["evt_reconcile_re_p", "evt_reconcile_re_p_reversal"];

  it("gives the same ledger for any order, repetition and batching of the same events", async () => {
    const said = fc.record({
      eventId: fc.constantFrom(..."abcdef".split("").map((letter) => `evt_p${letter}`), ...made),
      objectId: fc.constantFrom("re_p1", "re_p2"),
      amount: fc.bigInt({ min: 1n, max: 9n }),
      at: fc.constantFrom("2024-05-01T00:00:00Z", "2024-05-02T00:00:00Z"),
      paymentIntent: fc.constantFrom(null, "pi_p1", "pi_p2"),
    });
    const history = fc.uniqueArray(said, { minLength: 2, maxLength: 8, selector: ({ eventId }) => eventId });
    const delivery = history.chain((events) =>
      fc.tuple(
        fc.shuffledSubarray(events, { minLength: events.length }),
        fc.array(fc.constantFrom(...events), { maxLength: 6 }),
        fc.constant(events),
      ),
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(delivery, async ([shuffled, repeated, events]) => {
        run += 1;
        const inRun = (side: string, said: EntryFields) =>
          eventWithEntry({
            ...said,
            kind: "refund",
            eventId: `${said.eventId}${run}${side}`,
            objectId: `${said.objectId}${run}${side}`,
          });
        await store.writer.record(events.map((said) => inRun("x", said)));
        for (const said of [...shuffled, ...repeated]) await store.writer.record([inRun("y", said)]);
        const strip = (rows: Record<string, unknown>[]) =>
          rows.map((row) => ({ ...row, event_id: String(row["event_id"]).slice(0, -1) }));
        for (const object of ["re_p1", "re_p2"]) {
          expect(strip(await ledgerOf(`${object}${run}x`))).to.deep.equal(
            strip(await ledgerOf(`${object}${run}y`)),
          );
        }
      }),
      { numRuns: cases },
    );
  });
});
