import { recordTransactions, storedCharge, type StoredTransaction } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Money = { readonly minor: string };
type Settlement = {
  readonly complete_from: string | null;
  readonly complete_through: string | null;
  readonly currencies: readonly {
    readonly currency: string;
    readonly count: number;
    readonly gross: Money;
    readonly fee: Money;
    readonly net: Money;
    readonly transactions: string;
  }[];
};
type Revenue = { readonly as_of: string; readonly settlement: Settlement | null };
type Standing = {
  readonly complete_from: string | null;
  readonly complete_through: string | null;
  readonly quarantined: number | null;
};
type Transactions = { readonly transactions: readonly { readonly gross: Money; readonly net: Money }[] };

const first = Date.UTC(2024, 2, 1);
const day = 86_400_000;
const categories = [
  "charge",
  "charge_failure",
  "refund",
  "refund_failure",
  "partial_capture_reversal",
  "dispute",
  "dispute_reversal",
  "fee",
  "payout",
  "transfer",
];
const transactions = categories.flatMap((category, n) =>
  ["usd", "eur"].map((currency) =>
    storedCharge({
      id: `txn_${category}_${currency}`,
      category,
      currency,
      gross: 10n ** BigInt(n + 2),
      fee: BigInt(n + 3),
      created: first + n * day,
      sourceId: null,
    }),
  ),
);

describe("the settlement of revenue", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await recordTransactions(service.admin, transactions);
  });
  after(() => service.close());

  async function get<Body>(path: string): Promise<Body> {
    const { status, body } = await service.get(path);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Body;
  }
  const settled = async (query: string): Promise<Settlement | null> =>
    (await get<Revenue>(`/v1/revenue?${query}`)).settlement;
  const standing = async (query: string): Promise<readonly (string | number | null)[]> => {
    const found = await get<Standing>(`/v1/balance?${query}`);
    return [found.complete_from, found.complete_through, found.quarantined];
  };
  const begin = (account: string, complete: string): Promise<void> =>
    service.asSuperuser(`
      insert into takings.balance_syncs (source, account, livemode, complete_from, complete_through, complete_recorded_at)
      values ('default', '${account}', true, ${complete}) on conflict (source, account, livemode) do update
      set complete_from = excluded.complete_from, complete_through = excluded.complete_through,
        complete_recorded_at = excluded.complete_recorded_at`);

  it("is null until a round of the account has begun", async () => {
    expect(await settled("")).to.equal(null);
    await begin("", "null, null, null");
    expect(await settled("account=acct_1")).to.equal(null);
    expect(await settled("")).to.deep.include({ complete_from: null, complete_through: null });
  });

  it("is null with a currency, which selects the currency of the payment", async () => {
    expect(await settled("currency=usd")).to.equal(null);
  });

  it("adds up payments, refunds and disputes, and nothing else", async () => {
    const found = await settled("");
    const own = transactions.slice(0, -6);
    expect(found?.currencies.map(({ currency, count }) => [currency, count])).to.deep.equal([
      ["eur", 7],
      ["usd", 7],
    ]);
    for (const { currency, gross, fee, net } of found?.currencies ?? []) {
      const rows = own.filter((one) => one.currency === currency);
      const sum = (of: (one: StoredTransaction) => bigint): string =>
        String(rows.reduce((total, one) => total + of(one), 0n));
      expect([gross.minor, fee.minor, net.minor]).to.deep.equal([
        sum((one) => one.gross),
        sum((one) => one.fee),
        sum((one) => one.gross - one.fee),
      ]);
    }
  });

  it("is linked to the rows of its range, which add up to it", async () => {
    const found = await settled("from=2024-03-02&to=2024-03-05");
    expect(found?.currencies.map(({ count }) => count)).to.deep.equal([3, 3]);
    for (const { transactions: link, net } of found?.currencies ?? []) {
      const listed = await get<Transactions>(link);
      const sum = listed.transactions.reduce((total, one) => total + BigInt(one.net.minor), 0n);
      expect(String(sum)).to.equal(net.minor);
    }
  });

  it("is the same for the as_of of an earlier response, without saying how far it is complete", async () => {
    const now = await get<Revenue>("/v1/revenue");
    const then = await get<Revenue>(`/v1/revenue?as_recorded_at=${now.as_of}`);
    expect(then.settlement).to.deep.equal({ ...now.settlement, complete_from: null, complete_through: null });
  });

  it("is complete as far as a round says that ended before the response was read", async () => {
    await begin("", "'2023-01-01Z', '2024-05-01Z', '9999-01-01Z'");
    expect(await standing("")).to.deep.equal([null, null, 0]);
    await begin("", "'2023-01-01Z', '2024-05-01Z', '2024-05-01Z'");
    expect(await standing("")).to.deep.equal(["2023-01-01T00:00:00Z", "2024-05-01T00:00:00Z", 0]);
    expect((await settled(""))?.complete_through).to.equal("2024-05-01T00:00:00Z");
  });

  it("is complete for all accounts as far as the one that is least complete", async () => {
    await begin("acct_1", "null, '2024-04-01Z', '2024-05-01Z'");
    expect(await standing("account=*")).to.deep.equal(["2023-01-01T00:00:00Z", "2024-04-01T00:00:00Z", 0]);
    await begin("acct_2", "null, null, null");
    expect(await standing("account=*")).to.deep.equal([null, null, 0]);
    expect(await standing("account=*&livemode=false")).to.deep.equal([null, null, 0]);
  });

  it("counts the readings in quarantine of the account, and none for an earlier time", async () => {
    await service.asSuperuser(`
      insert into takings.events (
        event_id, source, type, created, received_at, recorded_at, livemode, account, status, reason, rules, payload,
        payload_codec
      ) select 'evt_balance_' || row_number() over (), 'default', type, now(), now(), '2024-01-01Z', livemode, account, 'quarantined',
        'odd', 1, '{}', 0
      from (values ('takings.payout', true, null), ('takings.balance_transaction', true, 'acct_1'),
        ('charge.updated', true, null), ('takings.payout', null, null)) as stored (type, livemode, account)`);
    // The last one could not be read at all, so it may be of any account and mode.
    expect((await standing(""))[2]).to.equal(2);
    expect((await standing("account=acct_1"))[2]).to.equal(2);
    expect((await standing("account=*"))[2]).to.equal(3);
    expect((await standing("account=*&livemode=false"))[2]).to.equal(1);
    const { as_of: asOf } = await get<Revenue>("/v1/revenue");
    expect(await standing(`as_recorded_at=${asOf}`)).to.deep.equal([null, null, null]);
  });

  it("leaves its readings out of the list of events unless they are asked for by type", async () => {
    type Events = { readonly events: readonly { readonly type: string }[] };
    const types = async (query: string): Promise<string[]> =>
      (await get<Events>(`/v1/events?${query}`)).events.map(({ type }) => type);
    expect(await types("")).to.deep.equal(["charge.updated"]);
    expect(await types("type=takings.payout")).to.deep.equal(["takings.payout", "takings.payout"]);
  });
});
