import { recordPayouts } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Payout = { readonly id: string; readonly account: string | null; readonly livemode: boolean };
type Problem = { readonly errors: readonly { readonly parameter: string }[] };

const payout = {
  id: "po_1",
  account: "",
  amount: 100n,
  currency: "usd",
  status: "paid",
  automatic: true,
  arrivalDate: Date.UTC(2024, 2, 1),
  reconciliationStatus: null,
  members: null,
};

describe("answers about payouts", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer({
      installation: { defaultLivemode: true, stripeAccountId: "acct_platform" },
    });
    await recordPayouts(service.admin, [
      { ...payout, account: "acct_2" },
      { ...payout, account: "acct_1" },
      payout,
      { ...payout, id: "po_2", account: "acct_1", status: "future-status" },
    ]);
    await service.asSuperuser(`
      insert into takings.payouts
      select (jsonb_populate_record(stored, '{"livemode": false}')).*
      from takings.payouts as stored where id = 'po_1' and account = ''`);
  });
  after(() => service.close());

  async function found(path: string): Promise<string | number> {
    const { status, body } = await service.get(path);
    if (status !== 200) return status;
    const { account, livemode } = body as Payout;
    return `${account ?? "platform"} ${livemode ? "live" : "test"}`;
  }

  for (const [query, wanted] of [
    ["", "platform live"],
    ["account=*", "platform live"],
    ["account=acct_platform", "platform live"],
    ["account=acct_2", "acct_2 live"],
    ["livemode=false", "platform test"],
    ["livemode=false&account=acct_1", 404],
    ["account=acct_3&source=default", 404],
  ] as const) {
    it(`of one that is known in several scopes show ${wanted} for "${query}"`, async () => {
      expect(await found(`/v1/payouts/po_1?${query}`)).to.equal(wanted);
    });
  }

  it("show one of a connected account without being told which", async () => {
    expect(await found("/v1/payouts/po_2")).to.equal("acct_1 live");
  });

  it("filter by a status that nobody knows", async () => {
    const { body } = await service.get("/v1/payouts?account=*&status=future-status");
    expect((body as { payouts: Payout[] }).payouts.map(({ id }) => id)).to.deep.equal(["po_2"]);
  });
});

describe("a bad instant of the balance", () => {
  let service: TestStoreServer;
  before(async () => {
    service = await startStoreServer();
  });
  after(() => service.close());

  it("is named together with all other bad parameters", async () => {
    const { body } = await service.get("/v1/balance?at=9999-12-31T23:59:59-01:00&currency=dollar&zone=UTC");
    const names = (body as Problem).errors.map(({ parameter }) => parameter);
    expect(names.toSorted()).to.deep.equal(["at", "currency", "zone"]);
  });
});
