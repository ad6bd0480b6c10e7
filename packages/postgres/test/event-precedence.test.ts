import type { EventRecord, StoredEvent } from "@takings/domain";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { type TestStore, createTestStore } from "./test-store.ts";
import { eventShowing, shownCharge } from "./events-showing.ts";
import { storeCorruptions } from "./store-corruptions.ts";

type Writer = TestStore["writer"];

describe("two deliveries of an event, of which one names its account", () => {
  let store: TestStore;
  let writers: Readonly<Record<"full" | "ledger", Writer>>;
  before(async () => {
    store = await createTestStore();
    writers = { full: store.writer, ledger: createPaymentWriter(store.admin, { payloads: "ledger" }) };
  });
  after(() => store.close());

  let runs = 0;
  /** The event without the account and with it. */
  function deliveries(): { readonly id: string; readonly bare: EventRecord; readonly named: EventRecord } {
    runs += 1;
    const id = `evt_d${runs}`;
    const lone = shownCharge(`ch_lone${runs}`);
    const paid = shownCharge(`ch_paid${runs}`, { paymentIntent: `pi_d${runs}` });
    const of = (account: string | null): EventRecord => ({
      ...eventShowing(id, [lone, paid], { account }),
      payload: Buffer.from(JSON.stringify({ id, account })),
    });
    return { id, bare: of(null), named: of("acct_b") };
  }

  const quarantined = (event: EventRecord): EventRecord => ({
    ...event,
    status: "quarantined",
    reason: "not understood",
    facts: undefined,
  });

  async function counted(run = runs): Promise<unknown> {
    const ledger = await store.admin.query(
      "select account, event_id from takings.ledger where object_id = $1",
      [`ch_lone${run}`],
    );
    const gaps = await store.admin.query("select account, event_id from takings.gaps where object_id = $1", [
      `ch_paid${run}`,
    ]);
    return { entries: ledger.rows, gaps: gaps.rows };
  }

  async function listed(asOf: string, id: string): Promise<readonly StoredEvent[]> {
    const filter = { asOf, from: undefined, to: undefined, type: undefined, source: "default" };
    const events = await store.reader.events(filter, { limit: 1_000, after: undefined });
    return events.filter(({ eventId }) => eventId === id);
  }

  async function expectNamed(id: string, payloads: keyof typeof writers): Promise<void> {
    const stored = await store.reader.event(id, "default");
    const payload = payloads === "full" ? JSON.stringify({ id, account: "acct_b" }) : null;
    expect(stored).to.include({ account: "acct_b", status: "processed", reason: null, payload });
    const of = [{ account: "acct_b", event_id: id }];
    expect(await counted()).to.deep.equal({ entries: of, gaps: of });
  }

  for (const payloads of ["full", "ledger"] as const) {
    for (const [name, order] of [
      ["without it first", ["bare", "named"]],
      ["with it first", ["named", "bare"]],
    ] as const) {
      it(`belong to the account, ${name}, in two batches, where ${payloads} is kept`, async () => {
        const { id, ...delivered } = deliveries();
        for (const which of order) await writers[payloads].record([delivered[which]]);
        await expectNamed(id, payloads);
      });

      it(`belong to the account, ${name}, in one batch, where ${payloads} is kept`, async () => {
        const { id, ...delivered } = deliveries();
        await writers[payloads].record(order.map((which) => delivered[which]));
        await expectNamed(id, payloads);
      });
    }

    it(`belong to the account where the one without it is quarantined and ${payloads} is kept`, async () => {
      const { id, bare, named } = deliveries();
      await writers[payloads].record([quarantined(bare)]);
      await writers[payloads].record([named]);
      await expectNamed(id, payloads);
    });
  }

  it("are quarantined and count nothing where the one that names the account is not understood", async () => {
    const { id, bare, named } = deliveries();
    await store.writer.record([bare]);
    await store.writer.record([quarantined(named)]);
    expect(await store.reader.event(id, "default")).to.include({ account: "acct_b", status: "quarantined" });
    expect(await counted()).to.deep.equal({ entries: [], gaps: [] });
  });

  it("belong to the account whichever of two writers is first", async () => {
    for (let run = 0; run < 15; run += 1) {
      const { id, bare, named } = deliveries();
      await Promise.all([store.writer.record([bare]), store.writer.record([named])]);
      await expectNamed(id, "full");
    }
  });

  it("leave lists and totals as of an earlier time unchanged", async () => {
    const { id, bare, named } = deliveries();
    await store.writer.record([bare]);
    const safe = await store.reader.safeReadTime();
    const earlier = await listed(safe, id);
    await store.writer.record([named]);
    expect(await listed(safe, id)).to.deep.equal(earlier);
    expect(earlier).to.have.nested.property("[0].account", null);
    expect(await listed(await store.reader.safeReadTime(), id)).to.have.nested.property(
      "[0].account",
      "acct_b",
    );
    const { rows } = await store.admin.query(
      "select account from takings.ledger_as_of($1) where event_id = $2",
      [safe, id],
    );
    expect(rows).to.deep.equal([{ account: "" }]);
  });

  it("do not undo a dismissal", async () => {
    const { id, bare, named } = deliveries();
    await store.writer.record([quarantined(bare)]);
    await store.admin.query("update takings.events set dismissed_at = now() where event_id = $1", [id]);
    await store.writer.record([named]);
    expect(await store.reader.event(id, "default")).to.include({ account: null, status: "quarantined" });
    expect(await counted()).to.deep.equal({ entries: [], gaps: [] });
  });

  it("are not replaced by a third one that names no account, whichever role tries", async () => {
    const { id, bare } = deliveries();
    await store.writer.record([bare]);
    const failure = await store.admin
      .query(
        `select takings.replace_event($1, 'default', 'x', now(), true, null, null, null, 'processed', null, null, null, null,
           '\\x00', 0, 1, now())`,
        [id],
      )
      .catch((error: unknown) => error);
    expect(failure).to.be.an("error").with.property("message").that.includes("cannot be replaced");
  });

  it("leave the ledger that follows from the events", async () => {
    expect(await storeCorruptions(store.admin)).to.deep.equal([]);
  });
});
