import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { balancePermissions } from "../src/balance/balance-answers.ts";
import { objectsOfLife, objectsWrittenDown } from "../src/balance/balance-objects.ts";
import { createBalanceLife } from "../src/balance/create-life.ts";
import {
  type FakeBalanceApi,
  fakeBalanceApi,
  type FakeBalanceApiOptions,
} from "../src/balance/fake-balance-api.ts";
import { payoutsOf, transactionsOf } from "../src/balance/life.ts";

const from = Date.UTC(2025, 0, 1) / 1_000;
const life = createBalanceLife({ seed: 3, from, days: 20, transactions: 700 });
const key = "rk_test_all0";
const partial = "rk_test_part";
let now: number;
let fake: FakeBalanceApi;

async function start(options: Partial<FakeBalanceApiOptions> = {}): Promise<FakeBalanceApi> {
  return await fakeBalanceApi({
    accounts: new Map([[null, objectsOfLife(life, false)]]),
    keys: new Map([
      [key, Object.values(balancePermissions)],
      [partial, [balancePermissions.payouts]],
    ]),
    now: () => now,
    requestsPerSecond: 1_000,
    ...options,
  });
}

beforeEach(async () => {
  now = life.to + 30 * 86_400;
  fake = await start();
});

afterEach(async () => {
  await fake[Symbol.asyncDispose]();
});

type Body = {
  readonly data: { readonly id: string; readonly created: number; readonly amount: number }[];
  readonly has_more: boolean;
  readonly error: { readonly message: string; readonly code?: string };
};

async function get(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${fake.url}/v1/${path}`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  return { status: response.status, body: (await response.json()) as Body };
}

async function all(path: string): Promise<Body["data"]> {
  const items: Body["data"] = [];
  for (;;) {
    const after = items.at(-1)?.id;
    const { body } = await get(`${path}limit=100${after === undefined ? "" : `&starting_after=${after}`}`);
    items.push(...body.data);
    if (!body.has_more) return items;
  }
}

describe("the fake of Stripe's balance", () => {
  it("lists every transaction once, newest first, page by page", async () => {
    const listed = await all("balance_transactions?");
    const expected = [...transactionsOf(life)].toReversed();
    expect(listed.map(({ id }) => id)).to.deep.equal(expected.map(({ id }) => id));
    expect((await all("payouts?")).map(({ id }) => id)).to.deep.equal(
      [...payoutsOf(life)].toReversed().map(({ id }) => id),
    );
  });

  it("lists those created within bounds", async () => {
    const [low, high] = [from + 3 * 86_400, from + 5 * 86_400];
    const expected = [...transactionsOf(life)].filter(({ created }) => created > low && created <= high);
    const listed = await all(`balance_transactions?created[gt]=${low}&created[lte]=${high}&`);
    expect(listed.map(({ id }) => id)).to.deep.equal(expected.toReversed().map(({ id }) => id));
  });

  it("lists a late transaction only from when Stripe shows it", async () => {
    const late = [...transactionsOf(life)].find(({ visibleFrom, created }) => visibleFrom > created);
    now = (late?.visibleFrom ?? 0) - 1;
    expect((await get(`balance_transactions/${late?.id}`)).status).to.equal(404);
    now += 1;
    expect((await get(`balance_transactions/${late?.id}`)).status).to.equal(200);
    expect((await all("balance_transactions?")).map(({ id }) => id)).to.include(late?.id);
  });

  it("lists the members of an automatic payout, all of them once it is reconciled", async () => {
    const payout = life.payoutsOf(7).find(({ automatic }) => automatic);
    const members = life.membersOf(payout?.id ?? "").toReversed();
    const list = async (): Promise<string[]> =>
      (await all(`balance_transactions?payout=${payout?.id}&`)).map(({ id }) => id);
    expect(await list()).to.deep.equal(members.map(({ id }) => id));
    now = (payout?.reconciledAt ?? 0) - 1;
    expect((await list()).length).to.be.lessThan(members.length);
  });

  it("refuses to list the members of a manual payout", async () => {
    const manual = [...payoutsOf(life)].find(({ automatic }) => !automatic);
    const { status, body } = await get(`balance_transactions?payout=${manual?.id}`);
    expect([status, body.error.message]).to.deep.equal([
      400,
      "Balance transaction history can only be filtered on automatic transfers, not manual.",
    ]);
  });

  it("writes amounts beyond 2^53 with all their digits", async () => {
    const huge = [...transactionsOf(life)].find(({ amount }) => amount > 2n ** 53n);
    const response = await fetch(`${fake.url}/v1/balance_transactions/${huge?.id}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await response.text()).to.include(`"amount":${huge?.amount},`);
  });

  it("names a wrong key, a missing permission, an unknown account and an unknown cursor", async () => {
    const refused = async (path: string, headers: Record<string, string>): Promise<unknown[]> => {
      const { status, body } = await get(path, headers);
      return [status, body.error.message];
    };
    expect((await refused("payouts", { authorization: "Bearer sk_test_x1234" }))[0]).to.equal(401);
    const [status, message] = await refused("balance_transactions", { authorization: `Bearer ${partial}` });
    expect([status, message]).to.deep.equal([403, message]);
    expect(message).to.include("'rak_balance_transaction_source_read' permission");
    expect((await refused("payouts", { "stripe-account": "acct_unknown" }))[0]).to.equal(403);
    expect((await get("payouts?starting_after=po_unknown")).body.error.code).to.equal("resource_missing");
    expect((await refused("payouts?limit=101", {}))[0]).to.equal(400);
    expect((await refused("payouts?unknown=1", {}))[0]).to.equal(400);
  });

  it("states its own time in the header Date", async () => {
    const response = await fetch(`${fake.url}/v1/payouts`, { headers: { authorization: `Bearer ${key}` } });
    expect(Date.parse(response.headers.get("date") ?? "") / 1_000).to.equal(now);
  });

  it("answers 429 above its rate, per endpoint, and reports it", async () => {
    await using limited = await start({ requestsPerSecond: 5, retryAfter: 2 });
    const ask = async (path: string): Promise<Response> =>
      await fetch(`${limited.url}/v1/${path}`, { headers: { authorization: `Bearer ${key}` } });
    const answers = await Promise.all(Array.from({ length: 7 }, async () => await ask("payouts?limit=1")));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.map(({ headers }) => headers.get("retry-after"))).to.deep.equal(["2", "2"]);
    expect((await ask("balance_transactions?limit=1")).status).to.equal(200);
    expect(limited.rates.report()["/v1/payouts"]).to.deep.equal({ requests: 7, refused: 2, peak: 7 });
  });

  it("fails as it is told, once each", async () => {
    fake.faults.push({ kind: "status", status: 500 }, { kind: "reset" }, { kind: "cut" });
    expect((await get("payouts")).status).to.equal(500);
    for (const fault of ["reset", "cut"]) {
      const error = await get("payouts").then(
        () => undefined,
        (caught: unknown) => caught,
      );
      expect(error, fault).to.be.instanceOf(Error);
    }
    expect((await get("payouts")).status).to.equal(200);
  });
});

describe("the fake over objects that a test has written down", () => {
  it("lists them newest first, with the members of each payout", async () => {
    const object = (id: string, created: number) => ({
      id,
      created,
      object: "balance_transaction",
      amount: 1n,
    });
    const written = {
      balance_transactions: [object("txn_1", 1), object("txn_3", 3), object("txn_2", 2)],
      payouts: [{ id: "po_1", created: 3, automatic: true }],
      members: new Map([["po_1", ["txn_1", "txn_2"]]]),
    };
    await using other = await start({ accounts: new Map([[null, objectsWrittenDown(written)]]) });
    const ids = async (query: string): Promise<string[]> => {
      const response = await fetch(`${other.url}/v1/balance_transactions?${query}`, {
        headers: { authorization: `Bearer ${key}` },
      });
      return ((await response.json()) as Body).data.map(({ id }) => id);
    };
    expect(await ids("")).to.deep.equal(["txn_3", "txn_2", "txn_1"]);
    expect(await ids("starting_after=txn_3&limit=1")).to.deep.equal(["txn_2"]);
    expect(await ids("payout=po_1")).to.deep.equal(["txn_2", "txn_1"]);
  });
});
