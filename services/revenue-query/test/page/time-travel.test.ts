import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "../test-server.ts";
import { openView, type ShownView } from "./page-client.ts";

const march = "from=2024-03-01&to=2024-04-01";
const hostile = `pi_<script>alert(1)</script>"&`;

describe("an earlier report", () => {
  let service: TestStoreServer;
  let reported = "";

  before(async () => {
    service = await startStoreServer();
    const at = "2024-03-10T12:00:00Z";
    await service.writer.record([
      eventWithEntry({ eventId: "evt_1", objectId: "pi_1", amount: 10_000n, at }),
      eventWithEntry({ eventId: "evt_2", objectId: "pi_2", amount: 500n, currency: "eur", at }),
    ]);
    reported = await service.reader.safeReadTime();
    await service.writer.record([
      eventWithEntry({ eventId: "evt_3", objectId: hostile, amount: 2_500n, at }),
      eventWithEntry({
        eventId: "evt_4",
        kind: "refund",
        objectId: "re_1",
        paymentIntent: "pi_1",
        amount: -1_000n,
        at,
      }),
    ]);
  });
  after(() => service.close());

  const open = (path: string, query: string): Promise<ShownView> => openView(service.url, `${path}?${query}`);
  const then = (): Promise<ShownView> => open("/", `${march}&as_recorded_at=${reported}`);
  const amounts = (view: ShownView, selector: string): string[] =>
    view.document
      .querySelectorAll(`${selector} data`)
      .map((data) => `${data.getAttribute("data-field")} ${data.getAttribute("value")}`);

  it("shows the figures as they were recorded, says so, and leads back to now", async () => {
    const view = await then();
    expect(amounts(view, ".totals").filter((text) => text.startsWith("net "))).to.deep.equal([
      "net 5.00",
      "net 100.00",
    ]);
    expect(view.text(".notice")).to.match(/^These are the figures as they were recorded at/);
    expect(view.links(".notice a")).to.deep.equal([`/?${march}`]);
    expect(view.document.querySelector("html")?.hasAttribute("data-live")).to.equal(false);
  });

  it("takes a day for its first instant in the zone", async () => {
    const view = await open("/", `${march}&as_recorded_at=2024-03-20&timezone=Europe%2FBerlin`);
    expect(view.document.querySelector(".fresh time")?.getAttribute("datetime")).to.equal(
      "2024-03-19T23:00:00Z",
    );
    expect(view.document.querySelector("[name=as_recorded_at]")?.getAttribute("value")).to.equal(
      "2024-03-20",
    );
  });

  it("says per currency what changed since, and adds it up by reason", async () => {
    const [table] = (await then()).document.querySelectorAll("[aria-labelledby=changes] table");
    const rows = table?.querySelectorAll("tbody tr").map((row) => row.text.replaceAll(/\s+/g, " ").trim());
    expect(rows).to.deep.equal([
      "EURall0€5.00€5.00€0.00",
      "USDall2US$100.00US$115.00+US$15.00",
      "USDpayment from before, recorded late1+US$25.00",
      "USDrefund1-US$10.00",
    ]);
  });

  it("lists the changes with what is behind each, whatever its id", async () => {
    const view = await then();
    const links = view.links("[aria-labelledby=changes] tbody a");
    expect(links).to.include.members([`/payments/${encodeURIComponent(hostile)}`, "/events/evt_4"]);
    expect(view.texts("[aria-labelledby=changes] code")).to.include(hostile);
    expect(view.document.querySelector("main script")).to.equal(null);
  });

  it("leads to all changes, page by page, which show the same effects", async () => {
    const [href = ""] = (await then()).links("[aria-labelledby=changes] p a");
    const first = await openView(service.url, `${href}&limit=1`);
    const second = await openView(service.url, first.links("a[rel=next]")[0] ?? "");
    const effects = [first, second].map((view) => amounts(view, "td")[0]);
    expect(effects).to.have.members(["effect -10.00", "effect 25.00"]);
    expect(second.links("a[rel=next]")).to.deep.equal([]);
  });

  it("is led to from a list of changes of all time", async () => {
    const view = await open("/revenue/changes", `since=${reported}`);
    expect(view.links("main p a")[0]).to.equal(`/?as_recorded_at=${encodeURIComponent(reported)}&period=all`);
  });

  it("offers reports of the same range, also where it is the month by default", async () => {
    const links = (await open("/", "")).links("[aria-label='As reported'] a");
    expect(links.at(-1)).to.match(/^\/\?from=\d{4}-\d\d-01&to=\d{4}-\d\d-01&as_recorded_at=\d{4}-\d\d-\d\d$/);
    const over = (await open("/", march)).links("[aria-label='As reported'] a");
    expect(over).to.include(`/?${march}&as_recorded_at=2024-04-01`);
  });
});

describe("the list of changes", () => {
  let service: TestStoreServer;
  before(async () => {
    service = await startStoreServer();
  });
  after(() => service.close());

  it("asks for what it needs in its form", async () => {
    const view = await openView(service.url, "/revenue/changes?to=x");
    expect(view.status).to.equal(400);
    expect([view.text("#since-error"), view.text("#to-error")?.slice(0, 14)]).to.deep.equal([
      "is required",
      "must be a date",
    ]);
  });

  it("says so when nothing was recorded since", async () => {
    const view = await openView(service.url, "/revenue/changes?since=2024-03-01");
    expect([view.status, view.text(".notice")]).to.deep.equal([
      200,
      "Nothing that affects this range was recorded since.",
    ]);
  });
});
