import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "@takings/testkit";
import type { EventPublisher } from "@takings/nats";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { event } from "./post-webhook.ts";
import { startTestServer, startReadyServer, type TestServer } from "./test-server.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

const second = 1_000_000_000;

describe("a stream that would confirm events that it might lose", () => {
  let context: TestContext;
  let ingress: TestServer;

  before(async () => {
    context = await createTestContext();
    ingress = await startReadyServer(context.nats);
  });
  after(async () => {
    await ingress.close();
    await context.close();
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
    it(`is not used when it ${what}, and is used again once it is corrected`, async () => {
      await context.recreateStreamWith(different);
      await eventually("the fault", () => fault.test(ingress.fault() ?? ""));
      const refused = await ingress.post(event({ type: "invoice.paid" }));
      expect(refused.status).to.equal(503);
      expect(refused.headers.get("retry-after")).to.match(/^\d+$/);
      expect(await ingress.metric("takings_durability_ok")).to.equal(0);
      expect(await context.stored()).to.deep.equal([]);
      await context.deleteStream();
      await context.createStream();
      await eventually("the stream to be durable", () => ingress.fault() === undefined);
      expect((await ingress.post(event())).status).to.equal(200);
      expect(await ingress.metric("takings_durability_ok")).to.equal(1);
    });
  }

  it("is not used when it has fewer replicas than required", async () => {
    await using demanding = await startTestServer(context.nats, { replicas: 3 });
    const fault = await eventually("a fault", () => {
      const found = demanding.fault();
      return found?.includes("replica") ? found : undefined;
    });
    expect(fault).to.contain("1 replica(s); REQUIRE_STREAM_REPLICAS is 3");
    expect((await demanding.post(event())).status).to.equal(503);
  });

  it("is not used when its server confirms before it syncs to disk", async () => {
    await using lazy = await createTestContext({
      rewrite: (config) => config.replace("sync_interval: always", "sync_interval: 1m"),
    });
    await using hopeful = await startTestServer(lazy.nats);
    await eventually("the fault", () => hopeful.fault()?.includes("sync_interval"));
    expect((await hopeful.post(event())).status).to.equal(503);
    expect(await lazy.stored()).to.deep.equal([]);
  });

  it("is not used before it was checked", async () => {
    await using served = await startTestServer(context.nats, { durabilityFault: () => "not checked yet" });
    expect((await served.post(event())).status).to.equal(503);
  });

  it("is not used while its server is away, and then not before the server that returns is checked", async () => {
    await using own = await createTestContext();
    await using served = await startReadyServer(own.nats);
    await own.nats.stop();
    await eventually("the loss to be detected", () => served.fault() === "no connection to NATS");
    await own.nats.start();
    const reasons = new Set<string | undefined>();
    await eventually("a stored event", async () => {
      reasons.add(served.fault());
      return (await served.post(event())).status === 200;
    });
    expect([...reasons].join()).to.match(/no connection|has not been checked yet/);
  });

  it("is used for at most two seconds after it was changed", async () => {
    await using own = await createTestContext();
    await using served = await startReadyServer(own.nats);
    await own.changeStream({ discard: "old" });
    const changed = performance.now();
    await eventually("a refusal", async () => (await served.post(event())).status === 503, 5_000);
    expect(performance.now() - changed).to.be.below(2_500);
    expect(served.fault()).to.contain("discards old");
  });

  it("is not used when it was changed while it confirmed", async () => {
    let fault: string | undefined;
    const publisher: EventPublisher = {
      async publish() {
        fault = "changed meanwhile";
        return { duplicate: false };
      },
    };
    await using served = await startTestServer(context.nats, { publisher, durabilityFault: () => fault });
    expect((await served.post(event())).status).to.equal(503);
  });

  it("is not used any more when it could not be checked for three seconds", async () => {
    await using own = await createTestContext();
    await using served = await startReadyServer(own.nats);
    await own.nats.pause();
    await eventually(
      "the last check to be too old",
      () => served.fault()?.includes("was last checked"),
      6_000,
    );
    own.nats.resume();
    await eventually("a stored event", async () => (await served.post(event())).status === 200);
  });

  it("is still used while the monitoring port is away that reported that it syncs", async () => {
    const monitor = await startProxy(context.nats.monitorUrl);
    await using served = await startReadyServer({ urls: context.nats.urls, monitorUrl: monitor.url });
    await monitor[Symbol.asyncDispose]();
    expect((await served.post(event())).status).to.equal(200);
  });

  it("is not used while the server reports that it could not write", async () => {
    await using monitor = await startProxy(context.nats.monitorUrl);
    monitor.report([{ type: "STREAM", stream: "STRIPE_EVENTS", error: "write error: input/output error" }]);
    await using served = await startTestServer({ urls: context.nats.urls, monitorUrl: monitor.url });
    await eventually("the fault", () => served.fault()?.includes("write error"));
    expect((await served.post(event())).status).to.equal(503);
    monitor.report([]);
    await eventually("a stored event", async () => (await served.post(event())).status === 200);
  });

  it("stores a duplicate again that another process had confirmed, and then reports it as one", async () => {
    await using own = await createTestContext();
    await using first = await startReadyServer(own.nats);
    await using second = await startReadyServer(own.nats);
    const body = event();
    const { id } = JSON.parse(body) as { id: string };
    expect((await first.post(body)).body).to.deep.equal({ received: true, event_id: id, duplicate: false });
    for (const _ of [1, 2]) {
      expect((await second.post(body)).body).to.deep.equal({ received: true, event_id: id, duplicate: true });
    }
    expect((await own.stored()).map(({ body: stored }) => stored.toString())).to.deep.equal([body, body]);
    expect(await second.metric('takings_events_stored_again_total{source="default"}')).to.equal(1);
  });
});

/** A monitoring port that returns what the real one does, except for the reported errors. */
async function startProxy(
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
