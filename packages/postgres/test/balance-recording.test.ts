import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import {
  onDay,
  ownTransaction,
  payoutEvent,
  payoutFact,
  readingOf,
  transactionFact,
} from "./balance-events.ts";
import { balanceFaults } from "./balance-faults.ts";
import { type TestStore, createTestStore } from "./test-store.ts";

describe("recording what was read of the balance", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());

  async function rowOf(table: "balance_transactions" | "payouts", id: string): Promise<unknown> {
    const { rows } = await store.admin.query<Record<string, unknown>>(
      `select * from takings.${table} where id = $1`,
      [id],
    );
    expect(rows).to.have.lengthOf.at.most(1);
    return rows[0];
  }
  const transaction = (id: string): Promise<unknown> => rowOf("balance_transactions", id);

  async function statusOf(eventId: string): Promise<unknown> {
    const { rows } = await store.admin.query<{ status: string; reason: string; kept: boolean }>(
      "select status, reason, payload is not null as kept from takings.events where event_id = $1",
      [eventId],
    );
    return rows[0];
  }

  it("stores a balance transaction with all its fields", async () => {
    await store.writer.record([
      readingOf("evt_a", transactionFact("txn_a", { description: "a\0b", payout: "po_a" }), { second: 5 }),
    ]);
    expect(await transaction("txn_a")).to.deep.include({
      account: "",
      livemode: true,
      type: "charge",
      reporting_category: "charge",
      currency: "usd",
      gross: "1000",
      fee: "59",
      net: "941",
      created: onDay(2),
      available_on: onDay(4),
      status: "pending",
      balance_type: "payments",
      description: "a\u{FFFD}b",
      source_id: "ch_txn_a",
      payout: "po_a",
      effective_at: onDay(2),
      event_id: "evt_a",
    });
  });

  for (const gross of [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n - 1n)]) {
    it(`stores an amount of ${gross} exactly`, async () => {
      const id = `txn_${gross}`;
      await store.writer.record([readingOf(`evt_${gross}`, transactionFact(id, { gross, fee: 0n }))]);
      expect(await transaction(id)).to.include({ gross: String(gross), net: String(gross) });
    });
  }

  it("keeps a category that nobody knows, and other balance types, which do not count", async () => {
    const unknown = transactionFact("txn_new", { reportingCategory: "new_thing" });
    const issuing = transactionFact("txn_issuing", { reportingCategory: "odd", balanceType: "issuing" });
    await store.writer.record([readingOf("evt_new", unknown), readingOf("evt_issuing", issuing)]);
    expect(await transaction("txn_issuing")).to.include({ balance_type: "issuing" });
    const { rows } = await store.admin.query(
      "select reporting_category, sum(net) as net from takings.balance_deltas where reporting_category in ('new_thing', 'odd') group by 1",
    );
    expect(rows).to.deep.equal([{ reporting_category: "new_thing", net: "941" }]);
  });

  it("lets the latest reading decide what may change, whichever arrives first", async () => {
    const late = readingOf("evt_b2", transactionFact("txn_b", { status: "available" }), { second: 2 });
    const early = readingOf("evt_b1", transactionFact("txn_b", { payout: "po_b" }), { second: 1 });
    for (const event of [late, early]) await store.writer.record([event]);
    expect(await transaction("txn_b")).to.include({
      status: "available",
      event_id: "evt_b2",
      payout: "po_b",
      payout_event_id: "evt_b1",
    });
  });

  it("moves a transaction to another payout, and out of any", async () => {
    for (const [second, payout] of [
      [1, "po_c1"],
      [2, "po_c2"],
      [3, null],
    ] as const) {
      await store.writer.record([
        readingOf(`evt_c${second}`, transactionFact("txn_c", { payout }), { second }),
      ]);
      expect(await transaction("txn_c")).to.include({ payout });
    }
    const { rows } = await store.admin.query(
      "select payout from takings.balance_deltas where payout ~ '^po_c' group by 1 having sum(count) <> 0 or sum(net) <> 0",
    );
    expect(rows).to.deep.equal([]);
  });

  const own = readingOf("evt_d1", ownTransaction("txn_d", "po_d"));
  const shown = payoutEvent("evt_d2", payoutFact("po_d"));
  for (const [name, events] of [
    ["after", [own, shown]],
    ["before", [shown, own]],
  ] as const) {
    it(`counts the own transaction of a payout when that arrives, recorded ${name} it`, async () => {
      const fresh = await createTestStore();
      for (const event of events) await fresh.writer.record([event]);
      const { rows } = await fresh.admin.query("select effective_at from takings.balance_transactions");
      expect(rows).to.deep.equal([{ effective_at: onDay(5) }]);
      expect(await balanceFaults(fresh.admin)).to.deep.equal([]);
      await fresh.close();
    });
  }

  it("moves the own transaction of a payout whose arrival date moves", async () => {
    await store.writer.record([own, shown]);
    await store.writer.record([
      payoutEvent("evt_d3", payoutFact("po_d", { arrivalDate: onDay(7) }), { second: 3 }),
    ]);
    expect(await transaction("txn_d")).to.deep.include({ effective_at: onDay(7) });
    expect(await rowOf("payouts", "po_d")).to.deep.include({ arrival_date: onDay(7), event_id: "evt_d3" });
  });

  it("counts the own transaction of a manual payout when it was created", async () => {
    await store.writer.record([
      readingOf("evt_e1", ownTransaction("txn_e", "po_e")),
      payoutEvent("evt_e2", payoutFact("po_e", { automatic: false })),
    ]);
    expect(await transaction("txn_e")).to.deep.include({ effective_at: onDay(2) });
  });

  it("keeps how many members a payout has when a later event does not say it", async () => {
    await store.writer.record([payoutEvent("evt_f1", payoutFact("po_f", { members: 3 }), { second: 1 })]);
    await store.writer.record([payoutEvent("evt_f2", payoutFact("po_f", { status: "paid" }), { second: 2 })]);
    expect(await rowOf("payouts", "po_f")).to.include({ members: 3, status: "paid", event_id: "evt_f2" });
  });

  const contradictions = {
    amount: { gross: 1001n },
    fee: { fee: 60n },
    currency: { currency: "eur" },
  } as const;
  for (const [name, different] of Object.entries({ ...contradictions, created: { created: onDay(1) } })) {
    it(`quarantines a reading with another ${name}, which changes nothing`, async () => {
      const id = `txn_g_${name}`;
      await store.writer.record([readingOf(`evt_g1_${name}`, transactionFact(id))]);
      const known = await transaction(id);
      const later = transactionFact(id, { ...different, status: "available" });
      const fresh = await store.writer.record([readingOf(`evt_g2_${name}`, later, { second: 9 })]);
      expect([...fresh.keys()]).to.deep.equal([`evt_g2_${name}`]);
      expect(fresh.get(`evt_g2_${name}`)).to.include({ status: "quarantined" });
      expect(await transaction(id)).to.deep.equal(known);
      expect(await statusOf(`evt_g2_${name}`))
        .to.include({ status: "quarantined", kept: true })
        .and.to.have.property("reason")
        .that.matches(/^differs from an earlier reading: /);
    });
  }

  it("quarantines the later of two readings in one batch that contradict each other", async () => {
    await store.writer.record([
      readingOf("evt_h1", transactionFact("txn_h", { gross: 7n }), { second: 2 }),
      readingOf("evt_h2", transactionFact("txn_h", { gross: 8n }), { second: 1 }),
    ]);
    expect(await transaction("txn_h")).to.include({ gross: "8", event_id: "evt_h2" });
    expect(await statusOf("evt_h1")).to.include({ status: "quarantined" });
  });

  it("does not take a delivery of a stored event for the earlier reading of another one", async () => {
    const misread = readingOf("evt_i1", transactionFact("txn_i", { gross: 7n }));
    const stored = {
      ...misread,
      status: "quarantined",
      reason: "unparsed: test",
      balance: undefined,
    } as const;
    await store.writer.record([stored]);
    await store.writer.record([
      misread,
      readingOf("evt_i2", transactionFact("txn_i", { gross: 8n }), { second: 1 }),
    ]);
    expect(await transaction("txn_i")).to.include({ gross: "8" });
    expect(await statusOf("evt_i2")).to.include({ status: "processed" });
  });

  it("keeps the payload of a contradicting reading where no payloads are kept", async () => {
    const writer = createPaymentWriter(store.admin, { payloads: "ledger" });
    const of = (n: number, gross: bigint) =>
      readingOf(`evt_j${n}`, transactionFact("txn_j", { gross }), {
        second: n,
        payload: Buffer.from(`{"n":${n}}`),
      });
    await writer.record([of(1, 1n)]);
    await writer.record([of(2, 2n)]);
    expect(await statusOf("evt_j1")).to.include({ status: "processed", kept: false });
    expect(await store.reader.event("evt_j2", "default")).to.include({
      status: "quarantined",
      payload: '{"n":2}',
    });
  });

  it("keeps sources apart, where ids are the same", async () => {
    const own = (source: string, gross: bigint, arrival: number) => [
      payoutEvent("evt_l1", payoutFact("po_l", { arrivalDate: onDay(arrival) }), { source }),
      readingOf("evt_l2", ownTransaction("txn_l", "po_l", { gross }), { source }),
    ];
    await store.writer.record([...own("default", -100n, 5), ...own("shop", -300n, 9)]);
    const { rows } = await store.admin.query(
      "select source, gross, effective_at from takings.balance_transactions where id = 'txn_l' order by 1",
    );
    expect(rows).to.deep.equal([
      { source: "default", gross: "-100", effective_at: onDay(5) },
      { source: "shop", gross: "-300", effective_at: onDay(9) },
    ]);
  });

  it("keeps accounts and modes apart", async () => {
    const fact = transactionFact("txn_k");
    await store.writer.record([
      readingOf("evt_k1", fact),
      readingOf("evt_k2", fact, { account: "acct_k" }),
      readingOf("evt_k3", { ...fact, gross: 5n, net: -54n }, { livemode: false }),
    ]);
    const { rows } = await store.admin.query(
      "select account, livemode from takings.balance_transactions where id = 'txn_k' order by 1, 2",
    );
    expect(rows).to.deep.equal([
      { account: "", livemode: false },
      { account: "", livemode: true },
      { account: "acct_k", livemode: true },
    ]);
  });

  it("has left rows and deltas that follow from the events", async () => {
    expect(await balanceFaults(store.admin)).to.deep.equal([]);
  });
});
