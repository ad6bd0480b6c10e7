import {
  recordPayouts,
  recordTransactions,
  storedCharge,
  storedPayout,
  type StoredTransaction,
} from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Money = { readonly minor: string; readonly major: string };
type Balance = {
  readonly currency: string;
  readonly available: Money;
  readonly pending: Money;
  readonly total: Money;
  readonly in_transit: Money;
  readonly transactions: string;
};
type Balances = { readonly at: string; readonly as_of: string; readonly balances: readonly Balance[] };
type Row = {
  readonly reporting_category?: string;
  readonly count: number;
  readonly net: Money;
  readonly transactions: string;
};
type Summary = {
  readonly from: string | null;
  readonly to: string | null;
  readonly currencies: readonly {
    readonly currency: string;
    readonly starting_balance: Money;
    readonly activity: readonly Row[];
    readonly payouts: Row;
    readonly ending_balance: Money;
    readonly transactions: string;
  }[];
};
type Transactions = {
  readonly transactions: readonly {
    readonly id: string;
    readonly net: Money;
    readonly effective_at: string;
  }[];
  readonly next_cursor: string | null;
};
type Payout = { readonly id: string; readonly unexplained: Money | null; readonly transactions: string };
type Problem = { readonly errors: readonly { readonly parameter: string }[] };

const day = 86_400_000;
const first = Date.UTC(2024, 2, 1);
const at = (days: number): string => new Date(first + days * day).toISOString().replace(".000Z", "Z");

const charge = storedCharge({
  id: "txn_charge",
  gross: 10_000n,
  fee: 320n,
  availableOn: first + 2 * day,
  payout: "po_1",
});
const transactions: readonly StoredTransaction[] = [
  charge,
  { ...charge, id: "txn_refund", category: "refund", gross: -2_000n, fee: 0n, payout: null },
  { ...charge, id: "txn_jpy", currency: "jpy", gross: 500n, fee: 18n, payout: null, created: first + day },
  { ...charge, id: "txn_future", category: "not_known_yet", gross: 70n, fee: 0n, payout: null },
  {
    ...charge,
    id: "txn_payout",
    category: "payout",
    gross: -9_680n,
    fee: 0n,
    created: first + 3 * day,
    availableOn: first + 3 * day,
    effectiveAt: first + 5 * day,
    sourceId: "po_1",
  },
  { ...charge, id: "txn_issuing", balanceType: "issuing", gross: 1n, fee: 0n, payout: null },
  { ...charge, id: "txn_connected", account: "acct_1", payout: null },
].map((one) => (one.id === "txn_jpy" ? { ...one, effectiveAt: one.created } : one));

const payout = storedPayout({ amount: 9_690n });

describe("answers about the balance", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await recordTransactions(service.admin, transactions);
    await recordPayouts(service.admin, [
      payout,
      { ...payout, id: "po_manual", automatic: false, arrivalDate: first },
      { ...payout, id: "po_open", reconciliationStatus: "in_progress", arrivalDate: first + day },
      { ...payout, id: "po_unread", members: null, status: "in_transit", arrivalDate: first + 2 * day },
    ]);
  });
  after(() => service.close());

  async function get<Body>(path: string): Promise<Body> {
    const { status, body } = await service.get(path);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Body;
  }

  it("tell what is available, pending and in transit at an instant", async () => {
    const read = async (days: number): Promise<unknown[]> => {
      const { balances } = await get<Balances>(`/v1/balance?at=${at(days)}`);
      return balances.map(({ currency, available, pending, total, in_transit }) =>
        [currency, ...[available, pending, total, in_transit].map(({ minor }) => minor)].join(" "),
      );
    };
    expect(await read(0)).to.deep.equal([]);
    expect(await read(1)).to.deep.equal(["usd 0 7750 7750 0"]);
    expect(await read(2)).to.deep.equal(["jpy 482 0 482 0", "usd 7750 0 7750 0"]);
    expect(await read(4)).to.deep.equal(["jpy 482 0 482 0", "usd 7750 0 7750 9680"]);
    expect(await read(6)).to.deep.equal(["jpy 482 0 482 0", "usd -1930 0 -1930 0"]);
  });

  it("take the first instant of a day in the time zone as the instant", async () => {
    const { at: resolved } = await get<Balances>("/v1/balance?at=2024-03-02&timezone=Europe/Berlin");
    expect(resolved).to.equal("2024-03-01T23:00:00Z");
  });

  it("return the same balance again for the as_of and at of an earlier response", async () => {
    const now = await get<Balances>("/v1/balance");
    const again = await get<Balances>(`/v1/balance?as_recorded_at=${now.as_of}&at=${now.at}`);
    expect(again.balances).to.deep.equal(now.balances);
  });

  it("add up from the starting to the ending balance, with unknown categories", async () => {
    const { from, to, currencies } = await get<Summary>(`/v1/balance/summary?from=${at(1)}&currency=USD`);
    expect([from, to]).to.deep.equal([at(1), null]);
    const [usd] = currencies;
    expect([
      usd?.starting_balance.minor,
      usd?.activity,
      usd?.payouts.count,
      usd?.payouts.net.minor,
      usd?.ending_balance.minor,
    ]).to.deep.equal(["7750", [], 1, "-9680", "-1930"]);
    const whole = await get<Summary>("/v1/balance/summary?account=*");
    expect(
      whole.currencies.map(({ currency, activity }) => [
        currency,
        ...activity.map(({ reporting_category, count }) => `${reporting_category} ${count}`),
      ]),
    ).to.deep.equal([
      ["jpy", "charge 1"],
      ["usd", "charge 2", "not_known_yet 1", "refund 1"],
    ]);
  });

  it("link every figure to transactions that add up to it", async () => {
    const net = async (link: string): Promise<bigint> => {
      const list = await get<Transactions>(link);
      return list.transactions.reduce((sum, one) => sum + BigInt(one.net.minor), 0n);
    };
    const { balances } = await get<Balances>(`/v1/balance?account=*&at=${at(4)}`);
    for (const { total, transactions: link } of balances)
      expect(String(await net(link))).to.equal(total.minor);
    const { currencies } = await get<Summary>(`/v1/balance/summary?account=*&from=${at(0)}&to=${at(6)}`);
    for (const one of currencies) {
      for (const row of [...one.activity, one.payouts]) {
        expect(String(await net(row.transactions))).to.equal(row.net.minor);
      }
      const change = BigInt(one.ending_balance.minor) - BigInt(one.starting_balance.minor);
      expect(await net(one.transactions)).to.equal(change);
    }
  });

  it("list transactions with every field", async () => {
    const { transactions: listed } = await get<Transactions>("/v1/balance/transactions?payout=po_1&limit=1");
    expect(listed).to.deep.equal([
      {
        id: "txn_charge",
        type: "charge",
        reporting_category: "charge",
        currency: "usd",
        gross: { minor: "10000", major: "100.00" },
        fee: { minor: "320", major: "3.20" },
        net: { minor: "9680", major: "96.80" },
        created: at(0),
        available_on: at(2),
        status: null,
        balance_type: null,
        description: null,
        source_id: "ch_1",
        payout: "po_1",
        effective_at: at(0),
        event_id: "evt_1",
        account: null,
        livemode: true,
        source: "default",
      },
    ]);
  });

  it("list in pages what they list as a whole, as JSON, CSV and NDJSON", async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const next: string = cursor === null ? "" : `&cursor=${cursor}`;
      const page: Transactions = await get(`/v1/balance/transactions?account=*&limit=2${next}`);
      ids.push(...page.transactions.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(ids).to.deep.equal([
      "txn_charge",
      "txn_connected",
      "txn_future",
      "txn_refund",
      "txn_jpy",
      "txn_payout",
    ]);
    const stream = async (accept: string): Promise<string[]> => {
      const headers = { accept, connection: "close" };
      const response = await fetch(`${service.url}/v1/balance/transactions?account=*`, { headers });
      return (await response.text()).trim().split(/\r?\n/);
    };
    const csv = await stream("text/csv");
    expect(csv.slice(1).map((line) => line.split(",")[0])).to.deep.equal(ids);
    const lines = (await stream("application/x-ndjson")).map((line) => JSON.parse(line) as { id?: string });
    expect(lines.slice(0, -1).map(({ id }) => id)).to.deep.equal(ids);
  });

  it("list other balance types only when they are asked for", async () => {
    const { transactions: listed } = await get<Transactions>("/v1/balance/transactions?balance_type=issuing");
    expect(listed.map(({ id }) => id)).to.deep.equal(["txn_issuing"]);
  });

  it("tell what of a payout its members do not explain, and null where they are not told", async () => {
    const { payouts } = await get<{ payouts: Payout[] }>("/v1/payouts");
    expect(payouts.map(({ id, unexplained }) => [id, unexplained?.minor ?? null])).to.deep.equal([
      ["po_manual", null],
      ["po_open", null],
      ["po_unread", null],
      ["po_1", "10"],
    ]);
  });

  it("show one payout with its members, and link them", async () => {
    type Whole = Payout & { readonly members: readonly Row[] };
    const { members, unexplained, transactions: link } = await get<Whole>("/v1/payouts/po_1?source=default");
    expect(unexplained?.major).to.equal("0.10");
    expect(members.map(({ reporting_category, net }) => [reporting_category, net.minor])).to.deep.equal([
      ["charge", "9680"],
    ]);
    const listed = await get<Transactions>(link);
    expect(listed.transactions.map(({ id }) => id)).to.deep.equal(["txn_charge", "txn_payout"]);
    expect((await get<Whole>("/v1/payouts/po_manual")).members).to.equal(null);
  });

  it("filter payouts by arrival date, status and account", async () => {
    const ids = async (query: string): Promise<string[]> =>
      (await get<{ payouts: Payout[] }>(`/v1/payouts?${query}`)).payouts.map(({ id }) => id);
    expect(await ids(`from=${at(1)}&to=${at(2)}`)).to.deep.equal(["po_open"]);
    expect(await ids("status=in_transit")).to.deep.equal(["po_unread"]);
    expect(await ids("account=acct_1")).to.deep.equal([]);
  });

  const bad: readonly (readonly [path: string, parameter: string])[] = [
    ["/v1/balance?at=soon", "at"],
    ["/v1/balance?at=9999-12-31T23:59:59-01:00", "at"],
    ["/v1/balance?from=2024-01-01", "from"],
    ["/v1/balance?source=Shop", "source"],
    ["/v1/balance/summary?at=2024-01-01", "at"],
    ["/v1/balance/transactions?limit=1001", "limit"],
    ["/v1/balance/transactions?payout=", "payout"],
    ["/v1/payouts?status=a%20b", "status"],
    ["/v1/payouts/po_1?source=*", "source"],
    ["/v1/payouts/po_1?mode=live", "mode"],
  ];
  for (const [path, parameter] of bad) {
    it(`reject ${path} and name ${parameter}`, async () => {
      const { status, body } = await service.get(path);
      expect([status, (body as Problem).errors.map((error) => error.parameter)]).to.deep.equal([
        400,
        [parameter],
      ]);
    });
  }

  it("are 404 for an unknown payout", async () => {
    for (const id of ["po_unknown", "%00"]) {
      expect((await service.get(`/v1/payouts/${id}`)).status).to.equal(404);
    }
  });
});
