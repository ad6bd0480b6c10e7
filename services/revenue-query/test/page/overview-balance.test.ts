import { recordPayouts, recordTransactions, storedCharge, storedPayout } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "../test-server.ts";
import { openView } from "./page-client.ts";

const dayMs = 86_400_000;
const arrival = (daysAgo: number): number => Math.floor(Date.now() / dayMs) * dayMs - daysAgo * dayMs;

const transaction = storedCharge({
  currency: "eur",
  gross: 10_000n,
  fee: 320n,
  created: Date.UTC(2024, 2, 5),
});
const payout = storedPayout({
  id: "po_0",
  amount: 100n,
  arrivalDate: arrival(0),
  reconciliationStatus: null,
  members: null,
});

describe("the overview with a balance ledger", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await recordTransactions(service.admin, [
      transaction,
      { ...transaction, id: "txn_2", gross: -2_000n, fee: 30n, category: "refund" },
    ]);
    await service.asSuperuser(
      "insert into takings.balance_syncs (source, account, livemode) values ('default', '', true)",
    );
    const older = Array.from({ length: 8 }, (_, n) => ({
      ...payout,
      id: `po_${n}`,
      arrivalDate: arrival(n),
    }));
    await recordPayouts(service.admin, [
      ...older,
      // Completed, with members that add up to nothing.
      { ...payout, id: "po_odd", arrivalDate: arrival(50), reconciliationStatus: "completed", members: 0 },
      { ...payout, id: "po_of_march", arrivalDate: Date.UTC(2024, 2, 20) },
    ]);
  });
  after(() => service.close());

  it("shows fees and what the range settled as, apart from the currencies of payments", async () => {
    const view = await openView(service.url, "/?from=2024-03-01&to=2024-04-01");
    const shown = view.document
      .querySelectorAll(".totals data")
      .map((data) => [
        data.getAttribute("data-field"),
        data.getAttribute("value"),
        data.getAttribute("data-currency"),
      ]);
    expect(shown).to.deep.equal([
      ["settlement_net", "76.50", "eur"],
      ["settlement_gross", "80.00", "eur"],
      ["fee", "3.50", "eur"],
    ]);
    const [link = ""] = view.links(".totals table a");
    const rows = await service.get(`/v1${link}`);
    expect((rows.body as { transactions: unknown[] }).transactions).to.have.length(2);
    const [csv = ""] = view.links(".totals .exports a");
    const settled = String((await service.get(csv)).body).split("\r\n")[1];
    expect(settled).to.match(/^settlement,eur,8000,80\.00,,,,,350,3\.50,7650,76\.50,/);
  });

  it("shows the newest payouts, and older ones that are not explained", async () => {
    const view = await openView(service.url, "/");
    const ids = view.texts("[aria-labelledby=payouts] tbody th");
    expect(ids).to.deep.equal(["po_0", "po_1", "po_2", "po_3", "po_4", "po_odd"]);
    expect(view.text("[aria-labelledby=payouts] .warning")).to.match(/^1 payout is not explained/);
    expect(view.text("[data-field=unexplained]")).to.equal("US$1.00");
  });

  it("shows the payouts up to the end of a range that is over", async () => {
    const view = await openView(service.url, "/?from=2024-03-01&to=2024-04-01");
    expect(view.texts("[aria-labelledby=payouts] tbody th")).to.deep.equal(["po_of_march"]);
    const [all] = view.links("[aria-labelledby=payouts] p a");
    expect(all).to.equal("/payouts?from=2024-02-01T00%3A00%3A00Z&to=2024-04-01T00%3A00%3A00Z");
  });

  it("shows the balance of each settlement currency, with the transactions behind it", async () => {
    const view = await openView(service.url, "/");
    const field = (name: string): (string | undefined)[] =>
      view.document
        .querySelectorAll(`[aria-labelledby=balance] data[data-field=${name}]`)
        .map((data) => `${data.getAttribute("value")} ${data.getAttribute("data-currency")}`);
    expect([field("total"), field("available"), field("pending")]).to.deep.equal([
      ["76.50 eur"],
      ["76.50 eur"],
      ["0.00 eur"],
    ]);
    expect(
      view.links("[aria-labelledby=balance] a").every((link) => link.startsWith("/balance/transactions?")),
    ).to.equal(true);
  });
});
