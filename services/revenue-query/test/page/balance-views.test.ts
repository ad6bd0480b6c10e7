import { recordPayouts, recordTransactions, storedCharge, storedPayout } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { startStoreServer, type TestStoreServer } from "../test-server.ts";
import { openView, type ShownView } from "./page-client.ts";

type Money = { readonly major: string };
type Sum = { readonly gross: Money; readonly fee: Money; readonly net: Money };

const day = 86_400_000;
const first = Date.UTC(2024, 2, 1);
const hostile = '"><script>alert(1)</script>';
const charge = storedCharge({
  id: "txn_charge",
  gross: 1_000_000n,
  fee: 320n,
  availableOn: first + 2 * day,
  payout: "po_1",
});
const payout = storedPayout({ amount: 999_690n });

describe("the views of the balance", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await recordTransactions(service.admin, [
      charge,
      {
        ...charge,
        id: "txn_future",
        category: hostile,
        gross: -7_000n,
        fee: 0n,
        payout: null,
        sourceId: hostile,
      },
      { ...charge, id: "txn_jpy", currency: "jpy", gross: 500n, fee: 18n, payout: null },
      { ...charge, id: "txn_exact", payout: "po_exact", sourceId: null },
      {
        ...charge,
        id: "txn_po",
        category: "payout",
        gross: -999_680n,
        fee: 0n,
        effectiveAt: first + 5 * day,
        sourceId: "po_1",
      },
    ]);
    await recordPayouts(service.admin, [
      payout,
      { ...payout, id: "po_exact", amount: 999_680n },
      { ...payout, id: "po_manual", automatic: false },
      { ...payout, id: "po_open", reconciliationStatus: "in_progress", status: hostile },
      { ...payout, id: "po_unread", members: null },
      { ...payout, id: hostile, account: "acct_1" },
    ]);
    await service.asSuperuser(`
      insert into takings.balance_syncs (source, account, livemode, complete_through, complete_recorded_at)
      values ('default', '', true, '2024-05-02T08:00:00Z', '2024-05-02Z');
      insert into takings.events (event_id, source, type, created, received_at, recorded_at, livemode, status, reason,
        rules, payload, payload_codec)
      values ('evt_q', 'default', 'takings.payout', now(), now(), '2024-05-01Z', true, 'quarantined', 'odd', 1, '{}', 0)`);
  });

  after(() => service.close());

  async function api<Body>(path: string): Promise<Body> {
    const { status, body } = await service.get(`/v1${path}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Body;
  }
  async function view(path: string): Promise<ShownView> {
    const shown = await openView(service.url, path);
    expect(shown.status, shown.source).to.equal(200);
    return shown;
  }
  /** The figures of a field, in the order in which they are shown. */
  const shownOf = ({ document }: ShownView, field: string): (string | undefined)[] =>
    document.querySelectorAll(`main table data[data-field=${field}]`).map((one) => one.getAttribute("value"));
  /** The links of the figures of a field. */
  const linksOf = (shown: ShownView, field: string): string[] =>
    shown.document
      .querySelectorAll(`main table data[data-field=${field}]`)
      .map(({ parentNode }) => parentNode?.getAttribute("href") ?? "no link");

  it("show each balance of the API, with the transactions behind it", async () => {
    type Balance = Record<"available" | "pending" | "total" | "in_transit", Money> & { transactions: string };
    const { balances } = await api<{ balances: Balance[] }>("/balance?at=2024-03-04");
    const shown = await view("/balance?at=2024-03-04&currency=");
    for (const field of ["available", "pending", "total", "in_transit"] as const) {
      expect(shownOf(shown, field), field).to.deep.equal(balances.map((one) => one[field].major));
    }
    const pinned = (link: string): string => link.replace(/^\/v1/, "").replace(/as_recorded_at=.*/, "");
    expect(linksOf(shown, "total").map(pinned)).to.deep.equal(
      balances.map(({ transactions }) => pinned(transactions)),
    );
    expect((await view(linksOf(shown, "in_transit")[1] ?? "")).status).to.equal(200);
  });

  it("show a summary as the addition from the starting to the ending balance", async () => {
    type Summary = {
      starting_balance: Money;
      ending_balance: Money;
      payouts: Sum;
      activity: (Sum & { reporting_category: string })[];
    };
    const query = "/balance/summary?from=2024-02-01&to=2024-05-01&currency=usd";
    const [one] = (await api<{ currencies: Summary[] }>(query)).currencies;
    if (one === undefined) throw new Error("the API shows no activity");
    const shown = await view(query);
    for (const field of ["gross", "fee", "net"] as const) {
      const wanted = [...one.activity, one.payouts].map((sum) => sum[field].major);
      expect(shownOf(shown, field), field).to.deep.equal(wanted);
    }
    expect(shownOf(shown, "starting_balance")).to.deep.equal([one.starting_balance.major]);
    expect(shownOf(shown, "ending_balance")).to.deep.equal([one.ending_balance.major]);
    expect(shown.texts("tbody th")).to.deep.equal([
      "Starting balance",
      ...one.activity.map(({ reporting_category: name }) => `+ ${name}`),
      "+ payouts",
    ]);
  });

  for (const [field, major] of [
    ["starting_balance", "0.00"],
    ["ending_balance", "9926.80"],
  ] as const) {
    it(`lead from the ${field} of a summary to the transactions that add up to it`, async () => {
      const shown = await view("/balance/summary?from=2024-03-01&to=2024-05-01&currency=usd");
      expect(shownOf(shown, field)).to.deep.equal([major]);
      const rows = await view(linksOf(shown, field)[0] ?? "");
      const minor = shownOf(rows, "net").reduce((sum, net) => sum + BigInt((net ?? "").replace(".", "")), 0n);
      expect(minor).to.equal(BigInt(major.replace(".", "")));
    });
  }

  it("lead from a category to its transactions, and from a transaction to its event", async () => {
    const shown = await view("/balance/summary?currency=usd");
    const rows = await view(linksOf(shown, "net")[0] ?? "");
    expect(rows.texts("tbody th")).to.deep.equal(["txn_future"]);
    expect(rows.links("tbody th a")).to.deep.equal(["/events/evt_1"]);
  });

  it("lead from a transaction to what it is about and to its payout", async () => {
    const shown = await view("/balance/transactions?reporting_category=charge&currency=usd&limit=1");
    expect(shown.links("tbody a")).to.include.members(["/search?q=ch_1&source=default", "/payouts/po_1"]);
  });

  it("do not link what a transaction is about where no search can find it", async () => {
    const shown = await view(`/balance/transactions?reporting_category=${encodeURIComponent(hostile)}`);
    expect([shown.texts("tbody td code"), shown.links("tbody td a[href^='/search']")]).to.deep.equal([
      [hostile],
      [],
    ]);
  });

  it("page through transactions and back to the first", async () => {
    const query = "/balance/transactions?limit=2";
    const texts: string[] = [];
    let page = await view(query);
    for (;;) {
      texts.push(...page.texts("tbody th"));
      const [next] = page.links("a[rel=next]");
      if (next === undefined) break;
      page = await view(next);
    }
    const { transactions } = await api<{ transactions: { id: string }[] }>("/balance/transactions");
    expect(texts).to.deep.equal(transactions.map(({ id }) => id));
    expect(page.links("nav.pages a")).to.deep.equal([query]);
  });

  it("offer ranges, and keep the rest of the filter", async () => {
    const shown = await view("/payouts?timezone=Europe/Berlin&account=*&from=2024-01-01");
    const links = shown.links("nav[aria-label=Range] a");
    expect(links[0]).to.match(
      /^\/payouts\?timezone=Europe%2FBerlin&account=\*&from=\d{4}-\d\d-01&to=\d{4}-\d\d-01$/,
    );
    expect(links.at(-1)).to.equal("/payouts?timezone=Europe%2FBerlin&account=*");
    expect((await view(links.at(-1) ?? "")).text("[aria-label=Range] [aria-current=true]")).to.equal(
      "All time",
    );
  });

  it("say in the caption what the rows are", async () => {
    const shown = await view(
      "/balance/transactions?from=2024-02-01&to=2024-04-01&timezone=Europe/Berlin&currency=usd",
    );
    expect(shown.text("caption")).to.equal(
      "Balance transactions by when they count, from 2024-02-01 until before 2024-04-01 (Europe/Berlin); currency usd; the platform's own account; live mode",
    );
  });

  it("show payouts with what of them is unexplained, as far as that is known", async () => {
    type Payouts = { payouts: { id: string; amount: Money; unexplained: Money | null }[] };
    const { payouts } = await api<Payouts>("/payouts?account=*");
    const shown = await view("/payouts?account=*");
    expect(shown.texts("tbody th")).to.deep.equal(payouts.map(({ id }) => id));
    expect(shownOf(shown, "amount")).to.deep.equal(payouts.map(({ amount }) => amount.major));
    const known = payouts.flatMap(({ unexplained }) => unexplained?.major ?? []);
    expect(shownOf(shown, "unexplained")).to.deep.equal(known);
    expect(known).to.include("0.10");
  });

  it("show a payout of a connected account from the list, whatever its id", async () => {
    const list = await view("/payouts?account=*");
    const opened = await Promise.all(list.links("tbody th a").map((href) => view(href)));
    expect(opened.map((shown) => shown.text("h1"))).to.deep.equal(
      list.texts("tbody th").map((id) => `Payout ${id}`),
    );
  });

  it("show what a payout consists of and what is unexplained of it, with a warning", async () => {
    const shown = await view("/payouts/po_1");
    expect(shownOf(shown, "net")).to.deep.equal(["9996.80"]);
    expect(shownOf(shown, "unexplained")).to.deep.equal(["0.10"]);
    expect(shownOf(shown, "amount")).to.deep.equal(["9996.90"]);
    expect(shown.text(".warning")).to.include("$0.10 of it is unexplained");
    const rows = await view(linksOf(shown, "net")[0] ?? "");
    expect(rows.texts("tbody th")).to.deep.equal(["txn_charge"]);
  });

  it("have the transactions of a payout, its own included, as a file", async () => {
    const shown = await view("/payouts/po_1");
    const [csv = ""] = shown.links(".exports a");
    const { status, body } = await service.get(csv);
    const ids = String(body).match(/^txn_\w+/gm);
    expect([status, ids]).to.deep.equal([200, ["txn_charge", "txn_po"]]);
  });

  for (const [id, reason] of [
    ["po_exact", "Explained in full"],
    ["po_manual", "manual and instant payouts"],
    ["po_open", "not completed (in_progress)"],
    ["po_unread", "not all of its transactions have been read"],
  ] as const) {
    it(`say of ${id} "${reason}"`, async () => {
      const shown = await view(`/payouts/${id}`);
      expect(shown.text(".notice")).to.include(reason);
      expect(shown.texts(".warning")).to.deep.equal([]);
    });
  }

  it("tell how far they are complete, and what is in quarantine", async () => {
    const shown = await view("/balance");
    expect(shown.document.querySelectorAll(".fresh time")[1]?.getAttribute("datetime")).to.equal(
      "2024-05-02T08:00:00Z",
    );
    expect(shown.text(".warning")).to.match(/^1 reading is in quarantine/);
  });

  it("say what to do where no round has been completed", async () => {
    for (const path of ["/balance", "/balance/summary", "/balance/transactions", "/payouts"]) {
      const shown = await view(`${path}?source=elsewhere`);
      expect(shown.text(".warning"), path).to.include("takings balance sync");
      expect(shown.links(".warning a[rel=noreferrer]"), path).to.have.length(1);
    }
  });

  it("show a text that looks like HTML as text", async () => {
    for (const path of [
      "/balance/summary",
      "/balance/transactions",
      "/payouts?account=*",
      "/payouts/po_open",
    ]) {
      const shown = await view(path);
      expect(shown.source, path).to.include("&lt;script&gt;").and.not.include("<script>");
    }
  });

  it("lead to a file of all rows, as of the same instant", async () => {
    const shown = await view("/payouts?account=*&limit=1");
    const [csv = "", ndjson = ""] = shown.links("nav.exports a");
    expect(csv).to.match(/^\/payouts\.csv\?account=\*?(%2A)?&as_recorded_at=/);
    const { body } = await service.get(csv);
    expect(String(body).trim().split("\r\n")).to.have.length(7);
    expect(ndjson).to.match(/^\/payouts\.ndjson\?/);
  });

  it("lead to a file of the lines of a summary, and of the balances", async () => {
    const columns = async (path: string, ...which: readonly number[]): Promise<string[]> => {
      const [csv = ""] = (await view(path)).links("nav.exports a");
      const lines = String((await service.get(csv)).body)
        .trim()
        .split("\r\n");
      return lines.map((line) => which.map((column) => line.split(",")[column]).join(" "));
    };
    expect(await columns("/balance/summary?currency=jpy", 0, 1, 2, 9)).to.deep.equal([
      "currency line reporting_category net_major",
      "jpy starting_balance  0",
      "jpy activity charge 482",
      "jpy payouts  0",
      "jpy ending_balance  482",
    ]);
    expect(await columns("/balance?currency=jpy", 0, 6)).to.deep.equal(["currency total_major", "jpy 482"]);
  });

  it("show what is wrong beside the field, and what was typed", async () => {
    const shown = await openView(service.url, "/balance/transactions?from=yesterday&currency=<b>&colour=red");
    expect(shown.status).to.equal(400);
    expect(shown.text("#from-error")).to.match(/^must be a date/);
    const currency = shown.document.querySelector("input[name=currency]");
    expect([currency?.getAttribute("value"), currency?.getAttribute("aria-invalid")]).to.deep.equal([
      "<b>",
      "true",
    ]);
    expect(shown.texts(".errors code")).to.deep.equal(["colour"]);
  });

  it("say that a payout is not known", async () => {
    expect(await openView(service.url, "/payouts/po_none")).to.have.property("status", 404);
  });
});
