import { recordPayouts, recordTransactions, storedCharge, storedPayout } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Money = { readonly minor: string };
type Balance = {
  readonly source: string;
  readonly quarantined: number;
  readonly complete_through: string | null;
  readonly balances: readonly {
    readonly currency: string;
    readonly total: Money;
    readonly transactions: string;
  }[];
};
type Summary = {
  readonly source: string;
  readonly currencies: readonly {
    readonly ending_balance: Money;
    readonly activity: readonly { readonly net: Money; readonly transactions: string }[];
  }[];
};
type Row = {
  readonly id: string;
  readonly source: string;
  readonly account: string | null;
  readonly net: Money;
};
type Transactions = {
  readonly source: string;
  readonly transactions: readonly Row[];
  readonly next_cursor: string | null;
};
type Payout = {
  readonly id: string;
  readonly source: string;
  readonly amount: Money;
  readonly unexplained: Money | null;
  readonly transactions: string;
};

const charge = storedCharge({ payout: "po_1" });
const payout = storedPayout();

describe("answers about the balance of two sources with the same ids", () => {
  let service: TestStoreServer;
  before(async () => {
    service = await startStoreServer();
    const ofShop = { ...charge, source: "shop", gross: 30n };
    await recordTransactions(service.admin, [
      charge,
      { ...charge, account: "acct_1", payout: null },
      ofShop,
      { ...ofShop, id: "txn_0", payout: null },
    ]);
    await recordPayouts(service.admin, [payout, { ...payout, source: "shop", amount: 35n }]);
    await service.asSuperuser(`
      select takings.register_source('shop', 'acct_shop');
      insert into takings.balance_syncs (source, account, livemode, complete_through, complete_recorded_at)
      values ('default', '', true, '2024-05-02Z', '2024-05-02Z'), ('shop', '', true, '2024-05-01Z', '2024-05-02Z');
      insert into takings.events (event_id, source, type, created, received_at, recorded_at, livemode, status, reason,
        rules, payload, payload_codec)
      values ('evt_1', 'shop', 'takings.payout', now(), now(), '2024-05-01Z', true, 'quarantined', 'odd', 1, '{}', 0)`);
  });
  after(() => service.close());

  async function get<Body>(path: string): Promise<Body> {
    const { status, body } = await service.get(path);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Body;
  }
  /** The sum of the rows behind a link. */
  async function behind(link: string): Promise<string> {
    const { transactions } = await get<Transactions>(link);
    return String(transactions.reduce((sum, { net }) => sum + BigInt(net.minor), 0n));
  }

  for (const [query, source, total] of [
    ["", "default", "1000"],
    ["source=default&account=*", "default", "2000"],
    ["source=shop", "shop", "60"],
    ["source=shop&account=acct_shop", "shop", "60"],
    ["source=*", "*", "1060"],
    ["source=*&account=*", "*", "2060"],
    ["source=*&account=acct_1", "*", "1000"],
  ] as const)
    it(`add up to ${total} for "${query}", with a link to the rows behind it`, async () => {
      const balance = await get<Balance>(`/v1/balance?${query}`);
      expect(balance.source).to.equal(source);
      expect(balance.balances.map(({ total: { minor } }) => minor)).to.deep.equal([total]);
      expect(await behind(balance.balances[0]?.transactions ?? "")).to.equal(total);
      const summary = await get<Summary>(`/v1/balance/summary?${query}`);
      expect(summary.source).to.equal(source);
      expect(summary.currencies.map(({ ending_balance: { minor } }) => minor)).to.deep.equal([total]);
      expect(await behind(summary.currencies[0]?.activity[0]?.transactions ?? "")).to.equal(total);
    });

  it("tell how far each source is complete, and of all of them the earliest", async () => {
    const standing = async (query: string): Promise<unknown[]> => {
      const { complete_through: through, quarantined } = await get<Balance>(`/v1/balance?${query}`);
      return [through, quarantined];
    };
    expect(await standing("")).to.deep.equal(["2024-05-02T00:00:00Z", 0]);
    expect(await standing("source=shop")).to.deep.equal(["2024-05-01T00:00:00Z", 1]);
    expect(await standing("source=shop&account=acct_shop")).to.deep.equal(["2024-05-01T00:00:00Z", 1]);
    expect(await standing("source=*")).to.deep.equal(["2024-05-01T00:00:00Z", 1]);
  });

  it("are empty for a source that nothing is known of", async () => {
    expect(await get("/v1/balance?source=elsewhere")).to.deep.include({
      source: "elsewhere",
      balances: [],
      complete_through: null,
    });
    expect(await get("/v1/payouts?source=elsewhere")).to.deep.include({ payouts: [] });
  });

  it("list the transactions of all sources once each, in order, page by page", async () => {
    const rows: string[] = [];
    let cursor = "";
    do {
      const page = await get<Transactions>(
        `/v1/balance/transactions?source=*&account=*&limit=1${cursor && `&cursor=${cursor}`}`,
      );
      rows.push(...page.transactions.map(({ id, source, account }) => `${id} ${account ?? ""} ${source}`));
      cursor = page.next_cursor ?? "";
    } while (cursor !== "");
    expect(rows).to.deep.equal(["txn_0  shop", "txn_1  default", "txn_1  shop", "txn_1 acct_1 default"]);
  });

  it("refuse the cursor of another source", async () => {
    const page = await get<Transactions>("/v1/balance/transactions?source=*&limit=1");
    const path = `/v1/balance/transactions?source=shop&limit=1&cursor=${page.next_cursor ?? ""}`;
    expect(await service.get(path)).to.have.property("status", 400);
  });

  it("list the payouts of all sources, each with what its own members leave", async () => {
    const { payouts } = await get<{ payouts: readonly Payout[] }>("/v1/payouts?source=*");
    expect(
      payouts.map(({ id, source, amount, unexplained }) => [id, source, amount.minor, unexplained?.minor]),
    ).to.deep.equal([
      ["po_1", "default", "1000", "0"],
      ["po_1", "shop", "35", "5"],
    ]);
    expect(await behind(payouts[1]?.transactions ?? "")).to.equal("30");
  });

  it("show the payout of one source, by default of default", async () => {
    expect(await get<Payout>("/v1/payouts/po_1")).to.deep.include({ source: "default" });
    const ofShop = await get<Payout>("/v1/payouts/po_1?source=shop");
    expect([ofShop.source, ofShop.unexplained?.minor]).to.deep.equal(["shop", "5"]);
    expect(await service.get("/v1/payouts/po_1?source=elsewhere")).to.have.property("status", 404);
    expect(await service.get("/v1/payouts/po_1?source=*")).to.have.property("status", 400);
  });
});
