import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { startStoreServer, type TestStoreServer } from "../test-server.ts";
import { openView, type ShownView } from "./page-client.ts";

describe("the ledger view", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    const refund = { kind: "refund", amount: 3_456n, paymentIntent: "pi_1" } as const;
    await service.writer.record([
      eventWithEntry({ eventId: "evt_1", objectId: "pi_1", amount: 123_456n, at: "2024-03-31T12:00:00Z" }),
      eventWithEntry({ eventId: "evt_2", objectId: "re_1", ...refund, at: "2024-04-01T12:00:00Z" }),
      eventWithEntry({
        eventId: "evt_3",
        objectId: "pi_3",
        amount: 5n,
        currency: "jpy",
        at: "2024-04-02T12:00:00Z",
      }),
    ]);
  });

  after(() => service.close());

  it("shows each entry with its exact amount, in the reader's number format", async () => {
    const view = await openView(service.url, "/ledger", { "accept-language": "de-DE,en;q=0.5" });
    expect(view.status).to.equal(200);
    const amount = view.document.querySelector("data[data-field=amount]");
    expect(amount?.getAttribute("value")).to.equal("1234.56");
    expect(view.text("data[data-field=amount]")).to.equal("1.234,56 $");
  });

  const valueOf = (view: ShownView, field: string): string[] =>
    view.document
      .querySelectorAll(`.totals data[data-field=${field}]`)
      .map((one) => one.getAttribute("value") ?? "");

  it("leads to the event and the payment of an entry", async () => {
    const view = await openView(service.url, "/ledger?to=2024-04-01");
    expect(view.links("tbody a")).to.deep.equal(["/events/evt_1", "/payments/pi_1", "/events/evt_1"]);
  });

  it("shows per currency the figures that its entries add up to", async () => {
    const view = await openView(service.url, "/ledger");
    expect([
      ...["gross", "refunded", "net", "sum"].map((field) => valueOf(view, field)),
      view.text(".totals .notice"),
    ]).to.deep.equal([
      ["5", "1234.56"],
      ["0", "34.56"],
      ["5", "1200.00"],
      ["5", "1200.00"],
      "All entries are on this page, and add up to the net exactly.",
    ]);
  });

  it("shows the newest entries first where that is asked for, and forgets it on the way back", async () => {
    const view = await openView(service.url, "/ledger?from=2024-03-01&order=desc&limit=2");
    expect(view.links("a[data-row]")).to.deep.equal(["/events/evt_3", "/events/evt_2"]);
    expect(view.text("#field-order option[selected]")).to.equal("newest first");
    expect(view.links("main p a")).to.include("/?from=2024-03-01");
    const [next = ""] = view.links("a[rel=next]");
    expect((await openView(service.url, next)).links("a[data-row]")).to.deep.equal(["/events/evt_1"]);
  });

  it("shows the sum of a page beside the figure where there are several pages", async () => {
    const view = await openView(service.url, "/ledger?currency=usd&limit=1");
    const [next = ""] = view.links("a[rel=next]");
    const second = await openView(service.url, next);
    expect([
      valueOf(view, "net"),
      valueOf(view, "sum"),
      valueOf(second, "net"),
      valueOf(second, "sum"),
    ]).to.deep.equal([["1200.00"], ["1234.56"], ["1200.00"], ["-34.56"]]);
  });

  it("says in words which entries it shows", async () => {
    const view = await openView(
      service.url,
      "/ledger?from=2024-04-01&currency=usd&timezone=Europe/Berlin&account=*&livemode=true",
    );
    expect([view.text("h1"), view.text("main p")]).to.deep.equal([
      "Ledger entries in USD",
      "Shown: from 2024-04-01 on (Europe/Berlin); currency usd; the platform and all connected accounts; live mode. Back to the figures",
    ]);
  });

  it("can be downloaded as what it shows, and leads back to the overview of the same range and scope", async () => {
    const view = await openView(service.url, "/ledger?from=2024-04-01&currency=usd&limit=1");
    const downloads = view.links(".exports a").map((href) => href.replace(/&as_recorded_at=.+/, ""));
    expect([...downloads, view.links("main p a")[0]]).to.deep.equal([
      "/ledger.csv?from=2024-04-01&currency=usd",
      "/ledger.ndjson?from=2024-04-01&currency=usd",
      "/?from=2024-04-01",
    ]);
  });

  it("leads back from the entries of a figure to the overview of now, and as of then", async () => {
    const asOf = "2024-05-01T00:00:00Z";
    const view = await openView(service.url, `/ledger?account=*&currency=usd&as_recorded_at=${asOf}`);
    expect(view.links("main p a").slice(0, 2)).to.deep.equal([
      "/?account=*&period=all",
      `/?account=*&as_recorded_at=${encodeURIComponent(asOf)}&period=all`,
    ]);
  });

  it("shows what is wrong with a parameter beside its field, with what was typed", async () => {
    const view = await openView(service.url, "/ledger?from=yesterday&currency=<b>&colour=red");
    const typed = ["from", "currency"].map((name) =>
      view.document.querySelector(`#field-${name}`)?.getAttribute("value"),
    );
    expect([
      view.status,
      typed,
      view.texts(".field .error").length,
      view.texts(".errors code"),
    ]).to.deep.equal([400, ["yesterday", "<b>"], 2, ["colour"]]);
  });
});
