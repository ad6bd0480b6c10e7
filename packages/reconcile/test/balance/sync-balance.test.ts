import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { charge, payout, type SyncContext, syncContext } from "./sync-context.ts";

const now = Math.floor(Date.now() / 1_000);
const day = 86_400;

describe("a sync of the balance", () => {
  let context: SyncContext;
  beforeEach(async () => {
    context = await syncContext();
  });
  afterEach(() => context[Symbol.asyncDispose]());

  it("reads all transactions and payouts, and knows which transactions a payout holds", async () => {
    const { ledger, written } = context;
    written.balance_transactions.push(
      ...Array.from({ length: 250 }, (_, n) => charge(`txn_${n}`, now - n * 60)),
    );
    written.payouts.push(payout("po_1", now - day));
    written.members.set("po_1", ["txn_3", "txn_200"]);
    const report = await context.sync();
    expect(report).to.include({ published: 252, quarantined: 0 });
    expect(ledger.transactions.size).to.equal(250);
    expect(ledger.transactions.get("txn_200")).to.include({ payout: "po_1" });
    expect(ledger.transactions.get("txn_4")).to.include({ payout: null });
    expect(ledger.payouts.get("po_1")).to.include({ members: 2 });
  });

  it("publishes nothing the second time if nothing changed", async () => {
    const { ledger, written } = context;
    written.balance_transactions.push(charge("txn_1", now - day, { description: "a\0b" }));
    written.payouts.push(payout("po_1", now - day));
    written.members.set("po_1", ["txn_1"]);
    await context.sync();
    const before = ledger.published.length;
    await context.sync();
    expect(ledger.published).to.have.length(before);
  });

  it("finds a changed status and a late transaction inside the overlap, by an ordinary round", async () => {
    const { ledger, written } = context;
    written.balance_transactions.push(charge("txn_1", now - 2 * day));
    await context.sync();
    written.balance_transactions[0] = charge("txn_1", now - 2 * day, { status: "available" });
    written.balance_transactions.push(charge("txn_late", now - 2 * day - 100));
    await context.sync();
    expect(ledger.transactions.get("txn_1")).to.include({ status: "available" });
    expect([...ledger.transactions.keys()]).to.include("txn_late");
  });

  it("finds a late transaction of any age with --from", async () => {
    const { ledger, written } = context;
    await context.sync();
    written.balance_transactions.push(charge("txn_late", now - 400 * day));
    await context.sync();
    expect(ledger.transactions.size).to.equal(0);
    await context.sync({ from: new Date((now - 401 * day) * 1_000) });
    expect([...ledger.transactions.keys()]).to.deep.equal(["txn_late"]);
  });

  it("is complete from the beginning, or from where the first round began until an earlier one", async () => {
    expect((await context.sync()).completeFrom).to.equal(undefined);
    context.ledger.complete = undefined;
    const [early, late] = [500, 100].map((days) => new Date((now - days * day) * 1_000));
    expect((await context.sync({ from: late ?? new Date() })).completeFrom).to.deep.equal(late);
    expect((await context.sync()).completeFrom).to.deep.equal(late);
    expect((await context.sync({ from: early ?? new Date() })).completeFrom).to.deep.equal(early);
  });

  it("is complete through a few minutes before it began, by the earlier of two clocks", async () => {
    const { completeThrough } = await context.sync();
    expect(completeThrough.getTime()).to.be.within(Date.now() - 15 * 60_000, Date.now() - 4 * 60_000);
  });

  it("takes a transaction out of a payout whose list does not have it any more", async () => {
    const { ledger, written } = context;
    written.balance_transactions.push(charge("txn_1", now - day), charge("txn_2", now - day));
    written.payouts.push(payout("po_1", now - day));
    written.members.set("po_1", ["txn_1", "txn_2"]);
    await context.sync();
    written.members.set("po_1", ["txn_1"]);
    await context.sync();
    expect(ledger.transactions.get("txn_2")).to.include({ payout: null });
    expect(ledger.payouts.get("po_1")).to.include({ members: 1 });
  });

  it("keeps amounts beyond 2^53 as they are", async () => {
    const { ledger, written } = context;
    const amount = 9_007_199_254_740_993n;
    written.balance_transactions.push(charge("txn_1", now - day, { amount, fee: 0n, net: amount }));
    await context.sync();
    expect(ledger.transactions.get("txn_1")).to.include({ gross: amount, net: amount });
  });

  it("publishes what cannot be understood or contradicts once, and reads the rest", async () => {
    const { ledger, written } = context;
    written.balance_transactions.push(charge("txn_1", now - day));
    await context.sync();
    written.balance_transactions[0] = charge("txn_1", now - day, { amount: 2_000n, net: 1_941n });
    written.balance_transactions.push(charge("txn_2", now - day, { net: 1n }), charge("txn_3", now - day));
    written.payouts.push(payout("po_1", now - day));
    written.members.set("po_1", ["txn_1", "txn_2", "txn_3"]);
    expect(await context.sync()).to.include({ quarantined: 2 });
    await context.sync();
    expect(ledger.quarantined.size).to.equal(2);
    expect(ledger.transactions.get("txn_1")).to.include({ gross: 1_000n });
    expect(ledger.transactions.get("txn_3")).to.include({ payout: "po_1" });
    expect(ledger.payouts.get("po_1")).to.include({ members: 3 });
  });

  it("continues a round that was interrupted, and does another one for what changed since then", async () => {
    const { ledger, written } = context;
    written.balance_transactions.push(charge("txn_1", now - day));
    const began = new Date((now - 60) * 1_000);
    ledger.round = { began, rereadsMembers: false, transactions: [{ to: now - 2 * day }] };
    await context.sync();
    expect([...ledger.transactions.keys()]).to.deep.equal(["txn_1"]);
  });

  it("states what changed back within one round", async () => {
    const { ledger, written } = context;
    const began = new Date(now * 1_000);
    for (const status of ["pending", "available", "pending"]) {
      written.balance_transactions[0] = charge("txn_1", now - day, { status });
      ledger.round = { began, rereadsMembers: false, transactions: [{}] };
      ledger.store.finish = () => Promise.reject(new Error("killed"));
      await context.sync().catch(() => {});
      expect(ledger.transactions.get("txn_1")).to.include({ status });
    }
  });

  it("does not read members again that were read before the round was interrupted", async () => {
    const { ledger, written, stripe } = context;
    for (const [id, age] of [
      ["po_old", 50],
      ["po_new", 40],
    ] as const) {
      written.payouts.push(payout(id, now - age * day));
      written.members.set(id, []);
    }
    await context.sync();
    const [from, membersReadTo] = [100, 45].map((days) => new Date((now - days * day) * 1_000));
    ledger.round = { began: new Date(now * 1_000), from, rereadsMembers: true, membersReadTo };
    const before = stripe.requests.length;
    await context.sync({ from: from ?? new Date() });
    const members = stripe.requests.slice(before).filter(({ path }) => path.includes("payout=po_"));
    expect(members).to.have.length(1);
    expect(members[0]?.path).to.contain("po_old");
  });

  it("saves which members were read, so that they are not read again after a kill", async () => {
    const { ledger, written } = context;
    written.payouts.push(payout("po_1", now - day));
    written.members.set("po_1", []);
    const saved: unknown[] = [];
    const { saveRound } = ledger.store;
    ledger.store.saveRound = async (round, readAt) => {
      saved.push(round.membersReadTo);
      await saveRound(round, readAt);
    };
    await context.sync();
    expect(saved).to.deep.include(new Date((now - day) * 1_000));
  });

  it("fails if nothing is committed any more, and names the consumer", async () => {
    context.ledger.consuming = false;
    context.written.balance_transactions.push(charge("txn_1", now - day));
    const failure = await context.sync({ maxIdleMs: 200 }).catch(String);
    expect(failure).to.match(/none of 1 published readings was stored.*consumer is running/);
    expect(context.ledger.complete).to.equal(undefined);
  });
});
