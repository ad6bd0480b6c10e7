import type { EventRecord } from "@takings/domain";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { onDay, ownTransaction, payoutEvent, payoutFact, readingOf } from "./balance-events.ts";
import { balanceFaults } from "./balance-faults.ts";
import { type TestStore, createTestStore } from "./test-store.ts";

describe("a payout of which one delivery names the account and another does not", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());

  let runs = 0;
  type Deliveries = { readonly bare: EventRecord; readonly named: EventRecord };
  function deliveries(): Deliveries & { readonly id: string } {
    runs += 1;
    const id = `po_${runs}`;
    const of = (account: string | null): EventRecord =>
      payoutEvent(`evt_${runs}`, payoutFact(id), { account });
    return { id, bare: of(null), named: of("acct_b") };
  }
  async function accountsOf(id: string): Promise<unknown> {
    const { rows } = await store.admin.query<{ account: string }>(
      "select account from takings.payouts where id = $1",
      [id],
    );
    return rows.map(({ account }) => account);
  }

  for (const order of [
    ["bare", "named"],
    ["named", "bare"],
  ] as const) {
    it(`belongs to the account, ${order.join(" before ")}`, async () => {
      const { id, ...delivered } = deliveries();
      for (const which of order) await store.writer.record([delivered[which]]);
      expect(await accountsOf(id)).to.deep.equal(["acct_b"]);
    });
  }

  it("belongs to the account whichever of two writers is first", async () => {
    for (let run = 0; run < 10; run += 1) {
      const { id, bare, named } = deliveries();
      await Promise.all([store.writer.record([bare]), store.writer.record([named])]);
      expect(await accountsOf(id)).to.deep.equal(["acct_b"]);
    }
  });

  it("stays with the platform as far as another event says so", async () => {
    const { id, bare, named } = deliveries();
    await store.writer.record([bare]);
    const other = payoutEvent(`evt_${runs}_paid`, payoutFact(id, { status: "paid" }), { second: 5 });
    await store.writer.record([other]);
    await store.writer.record([named]);
    const { rows } = await store.admin.query(
      "select account, status, event_id from takings.payouts where id = $1 order by 1",
      [id],
    );
    expect(rows).to.deep.equal([
      { account: "", status: "paid", event_id: other.eventId },
      { account: "acct_b", status: "in_transit", event_id: named.eventId },
    ]);
  });

  it("moves its own transaction in its account, and no longer that of the platform", async () => {
    const { id, bare, named } = deliveries();
    const own = ownTransaction(`txn_${runs}`, id);
    await store.writer.record([
      readingOf(`evt_own_${runs}`, own),
      readingOf(`evt_named_${runs}`, own, { account: "acct_b" }),
      bare,
    ]);
    const moments = async (): Promise<unknown> => {
      const text =
        "select account, effective_at as at from takings.balance_transactions where id = $1 order by 1";
      return (await store.admin.query(text, [own.id])).rows;
    };
    const [created, arrival] = [onDay(2), onDay(5)];
    expect(await moments()).to.deep.equal([
      { account: "", at: arrival },
      { account: "acct_b", at: created },
    ]);
    const earlier = await store.reader.safeReadTime();
    await store.writer.record([named]);
    expect(await moments()).to.deep.equal([
      { account: "", at: created },
      { account: "acct_b", at: arrival },
    ]);
    const { rows } = await store.admin.query(
      "select account from takings.balance_transactions_as_of($1) where id = $2 and effective_at = $3",
      [earlier, own.id, arrival],
    );
    expect(rows).to.deep.equal([{ account: "" }]);
  });

  it("leaves a balance that follows from the events", async () => {
    expect(await balanceFaults(store.admin)).to.deep.equal([]);
  });
});
