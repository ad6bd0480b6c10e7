import { eventWithCharge, eventWithEntry, type EntryFields } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "../test-server.ts";
import { openView, type ShownView } from "./page-client.ts";

const at = (day: string, hour = "12"): string => `${day}T${hour}:00:00Z`;
const march = "from=2024-03-01&to=2024-04-01";

describe("the overview", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    const entries: Omit<EntryFields, "eventId">[] = [
      { objectId: "pi_1", amount: 1_000_000n, at: at("2024-02-15") },
      { objectId: "pi_2", amount: 1_250_000n, at: at("2024-03-10") },
      { objectId: "re_2", kind: "refund", amount: -50_000n, at: at("2024-03-31"), paymentIntent: "pi_2" },
      { objectId: "pi_3", amount: 700n, currency: "jpy", at: at("2024-03-10") },
      { objectId: "pi_4", amount: 900n, currency: "eur", at: at("2024-02-10") },
      { objectId: "pi_now", amount: 4_200n, at: new Date().toISOString() },
    ];
    await service.writer.record(
      entries.map((entry) => eventWithEntry({ ...entry, eventId: `evt_${entry.objectId}` })),
    );
  });
  after(() => service.close());

  const open = (query: string): Promise<ShownView> => openView(service.url, `/?${query}`);
  const amounts = (view: ShownView, field: string): string[] =>
    view.document
      .querySelectorAll(`.totals data[data-field=${field}]`)
      .map((data) => `${data.getAttribute("value")} ${data.getAttribute("data-currency")}`);

  it("shows the current month unless another range is given", async () => {
    const view = await open("");
    expect(view.status).to.equal(200);
    expect(amounts(view, "net")).to.deep.equal(["42.00 usd"]);
    expect(view.texts(".choices [aria-current]")).to.include("This month");
  });

  it("shows all time when asked to", async () => {
    expect(amounts(await open("period=all"), "gross")).to.deep.equal(["9.00 eur", "700 jpy", "22542.00 usd"]);
  });

  it("tells the age of the newest entry whatever the range, and leads to its event", async () => {
    const view = await open(`${march}&currency=usd`);
    expect(view.links(".fresh a")).to.deep.equal(["/events/evt_pi_now"]);
    expect((await open("source=empty")).text(".fresh")).to.include("Newest entrynone yet");
    const asOf = view.document.querySelector(".fresh time")?.getAttribute("datetime");
    expect((await open(`as_recorded_at=${asOf}`)).text(".fresh")).not.to.include("Newest entry");
  });

  it("compares a month with the month before, per currency", async () => {
    const view = await open(march);
    expect(amounts(view, "net_change")).to.deep.equal(["-9.00 eur", "700 jpy", "2000.00 usd"]);
    expect(view.texts(".totals table td:last-child")).to.deep.equal([
      "-€9.00 (-100%)",
      "+JP¥700 (–)",
      "+US$2,000.00 (+20%)",
    ]);
    expect(view.text(".compared a")).to.equal("February 2024");
    expect(view.links(".compared a")).to.deep.equal(["/?from=2024-02-01&to=2024-03-01"]);
  });

  it("leads to the ranges before and after, and keeps the filter", async () => {
    const view = await open(`${march}&currency=usd&timezone=Europe%2FBerlin&interval=day`);
    expect(view.links(".choices [rel]")).to.deep.equal([
      "/?from=2024-02-01&to=2024-03-01&currency=usd&timezone=Europe%2FBerlin&interval=day",
      "/?from=2024-04-01&to=2024-05-01&currency=usd&timezone=Europe%2FBerlin&interval=day",
    ]);
    const [allTime] = view.links(".choices a").filter((link) => link.includes("period=all"));
    expect(allTime).to.equal("/?currency=usd&timezone=Europe%2FBerlin&period=all");
  });

  it("draws a bar for each bucket, which says its figures and leads to its entries", async () => {
    const view = await open(`${march}&currency=usd`);
    expect(view.texts(".chart svg title")).to.deep.equal([
      "2024-03-10: net US$12,500.00, gross US$12,500.00",
      "2024-03-31: net -US$500.00, gross US$0.00, refunded US$500.00",
    ]);
    const [first] = view.links(".chart svg a");
    const entries = await openView(service.url, first ?? "");
    expect(entries.links("main a").some((link) => link.startsWith("/payments/pi_2"))).to.equal(true);
  });

  it("says what a chart shows in words", async () => {
    const view = await open(`${march}&currency=usd`);
    expect(view.text(".chart figcaption")).to.equal(
      "Net US$12,000.00 in all; 2 of 31 days have entries, the highest US$12,500.00 (2024-03-10), the lowest -US$500.00 (2024-03-31).",
    );
  });

  it("marks buckets that the range cuts off", async () => {
    const view = await open("from=2024-03-10&to=2024-04-01&interval=month&currency=usd");
    expect(view.text(".breakdown tbody th")).to.equal("2024-03 (part)");
  });

  it("offers a longer interval where there are too many buckets to show", async () => {
    const view = await open("from=2024-01-01&to=2024-04-01&interval=hour");
    expect(view.status).to.equal(200);
    expect(view.texts(".chart, .breakdown")).to.deep.equal([]);
    expect(view.links(".notice a")).to.deep.equal(["/?from=2024-01-01&to=2024-04-01"]);
    const [file] = view.links(".exports a");
    expect((await service.get(file ?? "")).status).to.equal(200);
  });

  it("offers a longer interval where there are too many rows, whatever the number of buckets", async () => {
    const currencies = ["usd", "eur", "jpy", "gbp", "chf"];
    const entries = currencies.flatMap((currency) =>
      Array.from({ length: 250 }, (_, day) => ({
        objectId: `pi_${currency}_${day}`,
        eventId: `evt_${currency}_${day}`,
        source: "wide",
        amount: 100n,
        currency,
        at: new Date(Date.UTC(2024, 0, 1 + day)).toISOString(),
      })),
    );
    await service.writer.record(entries.map((entry) => eventWithEntry(entry)));
    const year = "from=2024-01-01&to=2025-01-01&source=wide";
    const view = await open(`${year}&interval=day`);
    expect(view.texts(".chart, .breakdown")).to.deep.equal([]);
    expect(view.text(".notice")).to.match(/^This range has 1,250 rows of a day and a currency, too many/);
    expect(view.links(".notice a")).to.deep.equal([`/?${year}&interval=week`]);
    expect((await open(`${year}&interval=week`)).texts(".breakdown tbody tr")).to.have.length(5 * 36);
  });

  it("offers a longer interval than the default one where that has too many buckets", async () => {
    const entry = {
      objectId: "pi_old",
      eventId: "evt_old",
      source: "old",
      amount: 100n,
      at: at("1970-01-02"),
    };
    const later = { ...entry, objectId: "pi_new", eventId: "evt_new", at: at("2024-01-02") };
    await service.writer.record([eventWithEntry(entry), eventWithEntry(later)]);
    const view = await open("period=all&source=old");
    expect(view.links("[aria-labelledby=series] .notice a")).to.deep.equal([
      "/?period=all&source=old&interval=quarter",
    ]);
  });

  it("keeps the zone in the links of its figures", async () => {
    const view = await open(`${march}&timezone=Europe%2FBerlin`);
    const links = view
      .links(".totals tbody a, .breakdown a, .chart a")
      .filter((one) => one.startsWith("/ledger"));
    expect(links).not.to.deep.equal([]);
    expect(links.filter((one) => !one.endsWith("&timezone=Europe%2FBerlin"))).to.deep.equal([]);
    expect((await openView(service.url, links[0] ?? "")).status).to.equal(200);
  });

  it("keeps the form closed, whatever is filtered", async () => {
    const view = await open(`${march}&currency=usd`);
    expect(view.document.querySelector("details:has(.filters)")?.hasAttribute("open")).to.equal(false);
  });

  it("compares a range that has not begun with nothing", async () => {
    expect((await open("from=2998-01-01&to=2998-02-01")).texts(".compared")).to.deep.equal([]);
  });

  for (const query of [
    "from=2024-03-01&to=2024-03-01",
    "from=2024-03-01",
    "to=2024-03-01",
    "from=0001-01-01&to=0001-01-02",
    "from=0001-01-01&to=9999-12-31",
    "from=2024-03-31&to=2024-04-01&timezone=Europe%2FBerlin",
    "from=2011-12-29&to=2011-12-31&timezone=Pacific%2FApia",
    "from=2024-02-29T23%3A59%3A59.999999Z&to=2999-01-01&interval=year",
  ]) {
    it(`answers ${query} as the API does`, async () => {
      const revenue = await service.get(`/v1/revenue?${query.replace("&interval=year", "")}`);
      const { totals } = revenue.body as { totals: { currency: string; net: { major: string } }[] };
      const view = await open(query);
      expect(view.status).to.equal(200);
      expect(amounts(view, "net")).to.deep.equal(
        totals.map(({ currency, net }) => `${net.major} ${currency}`),
      );
    });
  }

  it("says how far the ledger is complete, and as of when", async () => {
    const view = await open("");
    expect(view.text(".fresh")).to.match(
      /^As of.*ago Newest entry.*ago Complete throughnot compared with Stripe's lists yet/,
    );
  });

  it("shows known gaps with their amount, and where they are listed", async () => {
    const account = "acct_gaps";
    const seen = new Date(Date.now() - 7_200_000);
    await service.writer.record([eventWithCharge({ id: "gap", account, at: seen, amount: 1_250n })]);
    const view = await open(`account=${account}`);
    expect(view.texts(".warning data")).to.deep.equal(["US$12.50"]);
    expect(view.links(".warning a")).to.deep.equal([
      `/gaps?account=${account}`,
      `/gaps?account=${account}&kind=payment`,
    ]);
    expect((await open(march)).texts(".warning")).to.deep.equal([]);
  });

  it("shows how many events are in quarantine, and where they are listed", async () => {
    await service.asSuperuser(`
      insert into takings.sources (name) values ('odd') on conflict do nothing;
      insert into takings.events (event_id, source, type, created, received_at, recorded_at, livemode, account, status, reason, rules,
        payload, payload_codec)
      values ('evt_odd', 'odd', 'charge.updated', now(), now(), '2024-01-01Z', null, null, 'quarantined', '<b>odd</b>', 1, '{}', 0)`);
    const view = await open("source=odd");
    expect(view.text(".warning a")).to.equal("1 event in quarantine");
    expect(view.links(".warning a")).to.deep.equal(["/events?status=quarantined&source=odd"]);
    // It states no mode.
    expect((await open("source=odd&livemode=true")).text(".warning a")).to.equal("1 event in quarantine");
  });

  describe("with bad parameters", () => {
    const typed = "from=yesterday&interval=%3Cb%3E&timezone=Mars&foo=1&as_recorded_at=%22%3E%3Cscript%3E";

    it("answers 400 with each message beside its field, and no figures", async () => {
      const view = await open(typed);
      expect(view.status).to.equal(400);
      for (const name of ["from", "interval", "timezone", "as_recorded_at"]) {
        const field = view.document.querySelector(`[name=${name}]`);
        expect(field?.getAttribute("aria-invalid"), name).to.equal("true");
        expect(view.text(`#${field?.getAttribute("aria-describedby")}`), name).to.match(/^must be /);
      }
      expect(view.text(".errors")).to.match(/^foo is not a parameter/);
      expect(view.texts("data")).to.deep.equal([]);
    });

    it("shows back what was typed, as text", async () => {
      const view = await open(typed);
      const valueOf = (name: string): string | undefined =>
        view.document.querySelector(`input[name=${name}]`)?.getAttribute("value");
      expect([valueOf("from"), valueOf("timezone"), valueOf("as_recorded_at")]).to.deep.equal([
        "yesterday",
        "Mars",
        '"><script>',
      ]);
      expect(view.text("select[name=interval] option[selected]")).to.equal("<b>");
      expect(view.document.querySelector("main script, main b")).to.equal(null);
    });

    it("says that an instant of recording may be a date, and shows back all values of a repeated parameter", async () => {
      const view = await open("as_recorded_at=soon&account=acct_1&account=acct_2");
      expect(view.text("#as_recorded_at-error")).to.match(
        /^must be a date such as 2024-03-31 or an RFC 3339/,
      );
      expect(view.document.querySelector("[name=account]")?.getAttribute("value")).to.equal("acct_1, acct_2");
    });

    it("refuses an instant of recording in the future beside its field", async () => {
      const view = await open("as_recorded_at=2999-01-01");
      expect([view.status, view.text("#as_recorded_at-error")?.slice(0, 21)]).to.deep.equal([
        400,
        "must not be later tha",
      ]);
    });
  });
});
