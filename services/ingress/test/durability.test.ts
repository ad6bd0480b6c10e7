import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { event } from "./posting.ts";
import { serve, serveReady, type Serving } from "./serving.ts";
import { setStage, type Stage } from "./stage.ts";

const second = 1_000_000_000;

describe("a stream that would confirm what it might lose", () => {
  let stage: Stage;
  let ingress: Serving;

  before(async () => {
    stage = await setStage();
    ingress = await serveReady(stage.nats);
  });
  after(async () => {
    await ingress.close();
    await stage.close();
  });

  const faults: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ["discards old events when it is full", { discard: "old" }, /discards old messages/],
    ["lets events expire by age", { max_age: 3_600 * second, duplicate_window: second }, /max_age/],
    ["has a limit by count beside the one by bytes", { max_msgs: 1_000 }, /two size limits/],
    ["is kept in memory", { storage: "memory", allow_atomic: false }, /memory storage/],
    ["forgets what no consumer is there for", { retention: "interest" }, /interest retention/],
    ["forgets what was read once", { retention: "workqueue" }, /workqueue retention/],
    [
      "does not hold every type",
      { subjects: ["stripe.events.invoice.>"] },
      /does not hold stripe\.events\.>/,
    ],
    ["does not confirm", { no_ack: true, allow_atomic: false }, /does not confirm/],
    ["takes smaller messages than ingress accepts", { max_msg_size: 1_000 }, /MAX_BODY_BYTES/],
  ];
  for (const [what, different, fault] of faults) {
    it(`is not used when it ${what}, and is used again once it is set right`, async () => {
      await stage.makeStreamWith(different);
      expect(await ingress.checkDurability()).to.match(fault);
      const refused = await ingress.post(event({ type: "invoice.paid" }));
      expect(refused.status).to.equal(503);
      expect(refused.headers.get("retry-after")).to.match(/^\d+$/);
      expect(await ingress.metric("takings_durability_ok")).to.equal(0);
      expect(await stage.stored()).to.deep.equal([]);
      await stage.deleteStream();
      await stage.makeStream();
      expect(await ingress.checkDurability()).to.equal(undefined);
      expect((await ingress.post(event())).status).to.equal(200);
      expect(await ingress.metric("takings_durability_ok")).to.equal(1);
    });
  }

  it("is not used when it has fewer replicas than required", async () => {
    await using demanding = await serve(stage.nats, { replicas: 3 });
    const fault = await eventually("a fault", async () => {
      const found = await demanding.checkDurability();
      return found?.includes("replica") ? found : undefined;
    });
    expect(fault).to.contain("1 replica(s); REQUIRE_STREAM_REPLICAS is 3");
    expect((await demanding.post(event())).status).to.equal(503);
  });

  it("is not used when its server confirms before it syncs to disk", async () => {
    await using lazy = await setStage({
      rewrite: (config) => config.replace("sync_interval: always", "sync_interval: 1m"),
    });
    await using hopeful = await serve(lazy.nats);
    await eventually("the fault", async () => (await hopeful.checkDurability())?.includes("sync_interval"));
    expect((await hopeful.post(event())).status).to.equal(503);
    expect(await lazy.stored()).to.deep.equal([]);
  });

  it("is not used before it was looked at", async () => {
    await using served = await serve(stage.nats, { notDurable: () => "not looked at yet" });
    expect((await served.post(event())).status).to.equal(503);
  });

  it("is not used when its server may be another one, until that was looked at", async () => {
    await using own = await setStage();
    await using served = await serveReady(own.nats);
    await own.nats.stop();
    expect(await served.checkDurability()).to.contain("has not been checked yet");
    await own.nats.start();
    await eventually("a stored event", async () => (await served.post(event())).status === 200);
  });

  it("does not make a duplicate believed whose first copy its server failed to sync", async () => {
    await using monitor = await standBefore(stage.nats.monitorUrl);
    await using served = await serveReady({ urls: stage.nats.urls, monitorUrl: monitor.url });
    const known = event();
    expect((await served.post(known)).status).to.equal(200);
    expect((await served.post(known)).status).to.equal(200);
    monitor.report([{ type: "STREAM", stream: "STRIPE_EVENTS", error: "write error: input/output error" }]);
    expect((await served.post(known)).status).to.equal(503);
    await eventually("new events to be refused too", async () => (await served.post(event())).status === 503);
    monitor.report([]);
    await eventually("duplicates to be known again", async () => (await served.post(known)).status === 200);
  });

  it("does not make a duplicate believed when nobody can tell whether it was synced", async () => {
    const monitor = await standBefore(stage.nats.monitorUrl);
    await using served = await serveReady({ urls: stage.nats.urls, monitorUrl: monitor.url });
    const known = event();
    expect((await served.post(known)).status).to.equal(200);
    await monitor[Symbol.asyncDispose]();
    expect((await served.post(known)).status).to.equal(503);
    expect((await served.post(event())).status).to.equal(200);
  });
});

/** A monitoring port that says what the real one does, but for the faults it is told to report. */
async function standBefore(
  monitorUrl: string,
): Promise<AsyncDisposable & { readonly url: string; report(errors: readonly object[]): void }> {
  let reported: readonly object[] = [];
  const server = createServer((request, response) => {
    void fetch(new URL(request.url ?? "/", monitorUrl)).then(async (answer) => {
      const facts = (await answer.json()) as object;
      const isHealth = request.url?.startsWith("/healthz") === true;
      response.end(JSON.stringify(isHealth ? { ...facts, errors: reported } : facts));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    report: (errors) => void (reported = errors),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
