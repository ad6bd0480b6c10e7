import { eventWithCharge, eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { startStoreServer, type TestStoreServer } from "../test-server.ts";
import { openView, type ShownView } from "./page-client.ts";

const hostile = `evt_</pre><script>alert("1")</script>'&%2F/ \u202E${"x".repeat(200)}`;
const body = '\n{ "id":"evt_1",\r\n\t"name": "</pre><script>alert(1)</script> &amp; \u202E" }\r\n';

const nulBody = '{"id":"evt_\0\u00e9"}';

describe("the views of records", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await service.asSuperuser("insert into takings.sources values ('shop', null)");
    const refund = {
      kind: "refund",
      amount: 40n,
      paymentIntent: "pi_1",
      at: "2024-05-02T00:00:00Z",
    } as const;
    const plain = { facts: undefined, paymentIntent: null };
    await service.writer.record([
      eventWithEntry({ eventId: "evt_1", objectId: "pi_1", payload: body }),
      eventWithEntry({ eventId: "evt_2", objectId: "re_1", ...refund }),
      { ...eventWithEntry({ eventId: "evt_3", objectId: "re_1", at: "2024-05-03T00:00:00Z" }), ...plain },
      eventWithEntry({ source: "shop", eventId: "evt_1", objectId: "pi_1", payload: "{}" }),
      { ...eventWithEntry({ eventId: "evt_4", objectId: hostile, at: "2024-05-04T00:00:00Z" }), ...plain },
      { ...eventWithEntry({ eventId: hostile, objectId: "cus_1", at: "2024-05-05T00:00:00Z" }), ...plain },
      {
        ...eventWithEntry({ eventId: "evt_odd", at: "2024-05-06T00:00:00Z" }),
        ...plain,
        status: "quarantined",
        reason: "<b>no</b> amount",
      },
      eventWithEntry({ eventId: "evt_nul", objectId: "cus_2", payload: nulBody }),
      ...[{}, { account: "acct_1" }, { livemode: false }].map((scope, n) =>
        eventWithEntry({ eventId: `evt_shared_${n}`, objectId: "pi_shared", ...scope }),
      ),
      eventWithCharge({ id: "gone", at: new Date("2024-05-07T00:00:00Z"), amount: 700n }),
    ]);
  });

  after(() => service.close());

  const open = (path: string): Promise<ShownView> => openView(service.url, path);

  async function main(path: string, status = 200): Promise<ShownView> {
    const view = await open(path);
    expect(view.status, path).to.equal(status);
    expect(view.document.querySelectorAll("h1"), path).to.have.length(1);
    return view;
  }

  const target = async (q: string): Promise<[number, string | null]> => {
    const view = await open(`/search?q=${encodeURIComponent(q)}`);
    return [view.status, view.headers.get("location")];
  };

  describe("of a payment", () => {
    it("shows its events and entries in one order, with the net after each entry", async () => {
      const { document } = await main("/payments/pi_1");
      const rows = document
        .querySelectorAll("#life ~ .scroll tbody tr")
        .map((row) => row.querySelectorAll("td").map((cell) => cell.text.trim()));
      expect(rows.map(([, ...others]) => others)).to.deep.equal([
        ["Event payment_intent.succeeded", "pi_1", "", "", "evt_1"],
        ["Payment", "pi_1", "US$1.00", "US$1.00", "evt_1"],
        ["Event refund.created", "re_1", "", "", "evt_2"],
        ["Refund", "re_1", "-US$0.40", "US$0.60", "evt_2"],
        ["Event payment_intent.succeeded", "re_1", "", "", "evt_3"],
      ]);
    });

    it("shows what it brought by the names of the API", async () => {
      const { document } = await main("/payments/pi_1");
      const values = ["gross", "refunded", "disputed", "net"].map((field) =>
        document.querySelector(`.totals data[data-field=${field}]`)?.getAttribute("value"),
      );
      expect(values).to.deep.equal(["1.00", "0.40", "0.00", "0.60"]);
    });

    it("leads from each row to an event of its source", async () => {
      const view = await main("/payments/pi_1?source=shop");
      expect(view.links("a[data-row]")).to.deep.equal([
        "/events/evt_1?source=shop",
        "/events/evt_1?source=shop",
      ]);
    });

    it("never adds what is of different accounts or modes", async () => {
      const view = await main("/payments/pi_shared");
      const rows = view.document.querySelectorAll(".totals tbody tr");
      expect(
        rows.map((row) =>
          row
            .querySelectorAll("td, th")
            .slice(0, 3)
            .map(({ text }) => text)
            .join(" "),
        ),
      ).to.have.members(["the platform's own live USD", "the platform's own test USD", "acct_1 live USD"]);
      expect(view.texts(".totals data[data-field=net]")).to.deep.equal(["US$1.00", "US$1.00", "US$1.00"]);
      expect(view.texts("data[data-field=running_net]")).to.deep.equal(["US$1.00", "US$1.00", "US$1.00"]);
    });

    it("says that an unknown one is not stored", async () => {
      await main("/payments/pi_unknown", 404);
    });
  });

  describe("of an event", () => {
    it("shows the body as it was received, as text in the only <pre>", async () => {
      const { source } = await main("/events/evt_1");
      const [all, inside = ""] = /<pre[^>]*>([\s\S]*?)<\/pre>/.exec(source) ?? [];
      // What a browser makes of it: it drops the first line break, and resolves what is escaped.
      const text = inside
        .replace(/^\n/, "")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&#13;", "\r")
        .replaceAll("&amp;", "&");
      expect([text, source.split("<pre").length, all?.includes("<script")]).to.deep.equal([body, 2, false]);
    });

    it("leads to its object and payment, and to entries that it is the source of", async () => {
      const view = await main("/events/evt_2");
      expect([view.links(".facts a"), view.texts("data")]).to.deep.equal([
        ["/search?q=re_1&source=default", "/payments/pi_1"],
        ["-US$0.40"],
      ]);
    });

    it("says that no entry takes its fields from it only where all of its entries are known", async () => {
      const told = async (id: string): Promise<string | undefined> =>
        (await main(`/events/${id}`)).text("#entries ~ .notice");
      expect(await told("evt_3")).to.equal("No ledger entry takes its fields from this event.");
      expect(await told("evt_4")).to.include("No ledger entry was found by the time of this event.");
    });

    it("offers its body exactly as it was received, also where a page cannot show that", async () => {
      const view = await main("/events/evt_nul");
      expect(view.text("pre")).to.equal('{"id":"evt_\uFFFD\u00e9"}');
      expect(view.text("main .warning ~ .warning, #body ~ .warning")).to.include("NUL");
      const [href = ""] = view.links(".exports a");
      const response = await fetch(service.url + href, { headers: { connection: "close" } });
      expect(await response.text()).to.equal(nulBody);
      expect(
        ["content-type", "content-disposition", "x-content-type-options"].map((name) =>
          response.headers.get(name),
        ),
      ).to.deep.equal([
        "application/octet-stream",
        'attachment; filename="takings-events-evt_nul-body.json"',
        "nosniff",
      ]);
    });

    it("has no body to download where there is no such event", async () => {
      await main("/events/evt_nowhere/body", 404);
    });

    it("says why one is in quarantine, and what can be done", async () => {
      const view = await main("/events/evt_odd");
      expect(view.texts(".facts dd")).to.include("Quarantined: <b>no</b> amount");
      expect(view.texts(".warning code")[0]).to.equal("takings quarantine show evt_odd");
    });

    it("has a path that names it, whatever characters its id has", async () => {
      const view = await main(`/events/${encodeURIComponent(hostile)}`);
      expect([view.text("h1"), view.document.querySelectorAll("main script").length]).to.deep.equal([
        `Event ${hostile}`,
        0,
      ]);
    });
  });

  describe("of lists", () => {
    it("lists the events in quarantine", async () => {
      const view = await main("/events?status=quarantined");
      expect(view.texts("tbody th")).to.deep.equal(["evt_odd"]);
      expect(view.text("main > p")).to.include("that await a decision, without dismissed ones");
    });

    it("lists the events of an object, and leads from each to itself", async () => {
      const view = await main("/events?object_id=re_1");
      expect(view.links("a[data-row]")).to.deep.equal(["/events/evt_2", "/events/evt_3"]);
    });

    for (const path of ["/events", "/ledger", "/gaps", "/payouts", "/balance/transactions"]) {
      it(`of a source that nothing is known of says so at ${path}, with the form open`, async () => {
        const view = await main(`${path}?source=nowhere`);
        expect(view.texts("main .notice").join(" ")).to.match(/\b(No|Nothing found)\b[^.]*source nowhere/);
        const fold = view.document.querySelector("details:has(.filters)");
        expect(fold?.hasAttribute("open") === true || fold?.classList.contains("fold")).to.equal(true);
      });
    }

    it("goes on to the next page with the same filter", async () => {
      const [next = ""] = (await main("/events?object_id=re_1&limit=1")).links("a[rel=next]");
      expect((await main(next)).links("a[data-row]")).to.deep.equal(["/events/evt_3"]);
    });

    it("shows an impossible filter with what is wrong beside the field, and what was typed", async () => {
      const view = await main("/events?status=lost&from=yesterday", 400);
      expect([
        view.document.querySelector("#field-from")?.getAttribute("value"),
        view.text("#field-status option[selected]"),
        view.texts("#status-error").length,
      ]).to.deep.equal(["yesterday", "lost", 1]);
    });

    it("lists gaps with their amounts, and leads to the charge and to the event that shows each", async () => {
      const view = await main("/gaps");
      expect([view.texts("tbody data"), view.links(".number a"), view.links("a[data-row]")]).to.deep.equal([
        ["US$7.00"],
        ["/search?q=ch_gone&source=default"],
        ["/events/evt_gone"],
      ]);
    });
  });

  describe("of a search", () => {
    const meanings: readonly [string, string][] = [
      ["re_1", "/payments/pi_1"],
      [" evt_2 ", "/events/evt_2"],
      ["ch_gone", "/payments/pi_gone"],
    ];
    for (const [q, where] of meanings) {
      it(`leads from ${JSON.stringify(q)} to ${where}`, async () => {
        expect(await target(q)).to.deep.equal([303, where]);
      });
    }

    it("leads to the events of an object that belongs to no payment, whatever characters its id has", async () => {
      const [status, where] = await target(hostile);
      // The id of an event, too.
      expect(status).to.equal(200);
      const view = await main(where ?? `/search?q=${encodeURIComponent(hostile)}`);
      const [event = "", object = ""] = view.links("a[data-row]");
      expect((await main(event)).text("h1")).to.equal(`Event ${hostile}`);
      expect((await main(object)).links("a[data-row]")).to.deep.equal(["/events/evt_4"]);
    });

    it("lets choose where two sources have the same id", async () => {
      const view = await main("/search?q=evt_1");
      expect(view.links("a[data-row]")).to.deep.equal(["/events/evt_1", "/events/evt_1?source=shop"]);
    });

    it("says what is wrong with what cannot be an id", async () => {
      expect((await main(`/search?q=${"x".repeat(600)}`, 400)).text(".error")).to.equal(
        "What is searched for must be an id: 1 to 500 characters without NUL.",
      );
    });

    it("says that nothing was found, and leads from one source to all", async () => {
      const view = await main("/search?q=txn_unknown&source=nowhere");
      expect([view.text("h1"), view.text("main .notice")]).to.deep.equal([
        "Nothing found for txn_unknown",
        "Nothing about it is stored in the source nowhere. Search in all sources",
      ]);
      expect(view.links("main .notice a")).to.deep.equal(["/search?q=txn_unknown"]);
    });

    it("leads from an object that is not there to a search for it", async () => {
      expect((await main("/events/evt_2?source=shop", 404)).links("main a")).to.include("/search?q=evt_2");
    });

    it("shows what it did not find in the field of the next search", async () => {
      const view = await main("/search?q=pi_%3Cb%3E");
      expect(
        view.document.querySelectorAll("input[name=q]").map((one) => one.getAttribute("value")),
      ).to.deep.equal(["pi_<b>"]);
    });
  });
});
