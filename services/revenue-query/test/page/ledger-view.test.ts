import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { startStoreServer, type TestStoreServer } from "../test-server.ts";
import { openView } from "./page-client.ts";

describe("the ledger view", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await service.writer.record([
      eventWithEntry({
        eventId: "evt_1",
        objectId: "pi_1",
        kind: "payment",
        amount: 123_456n,
        currency: "usd",
        source: "default",
        account: null,
        livemode: true,
        at: "2024-03-31T12:00:00Z",
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

  it("leads to the event of an entry", async () => {
    const view = await openView(service.url, "/ledger");
    expect(view.links("main a")).to.include("/events/evt_1");
  });

  it("shows what is wrong with a parameter", async () => {
    const view = await openView(service.url, "/ledger?from=yesterday&currency=<b>");
    expect(view.status).to.equal(400);
    expect(view.texts(".errors code")).to.deep.equal(["from", "currency"]);
  });
});
