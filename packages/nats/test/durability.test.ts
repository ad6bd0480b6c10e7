import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { DurabilityNeeds } from "../src/durability/durability.ts";
import { createServerCheck } from "../src/durability/server-durability.ts";
import { inspectStream } from "../src/durability/stream-durability.ts";
import { streamConfig } from "../src/topology.ts";
import { createTestContext, type TestContext, topology } from "./test-context.ts";

const hour = 3_600_000_000_000;

async function faultsOf(
  context: TestContext,
  needs: Partial<DurabilityNeeds> = {},
): Promise<readonly string[]> {
  const all = { monitorUrls: [context.nats.monitorUrl], replicas: 1, messageBytes: 528_384, ...needs };
  const link = await context.link("ingress");
  const { faults } = await inspectStream(link, all);
  const ofServer = await createServerCheck(link, all)();
  return [...faults, ...ofServer].map(({ message }) => message);
}

async function recreate(context: TestContext, different: Record<string, unknown>): Promise<void> {
  await context.manager.streams.delete(stream.name).catch(() => undefined);
  // The server may still be deleting the files of the previous one.
  await eventually("the stream to be recreated", () =>
    context.manager.streams.add({ ...streamConfig(topology), name: stream.name, ...different }),
  );
}

describe("the durability of the stream", () => {
  let context: TestContext;
  before(async () => {
    context = await createTestContext();
  });
  after(() => context[Symbol.asyncDispose]());

  it("has no fault with the configuration of the topology", async () => {
    await recreate(context, {});
    expect(await faultsOf(context)).to.deep.equal([]);
  });

  const faults: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ storage: "memory", allow_atomic: false }, /memory storage; it must be file/],
    [{ retention: "interest" }, /interest retention; it must be limits/],
    [{ retention: "workqueue" }, /workqueue retention; it must be limits/],
    [{ discard: "old" }, /discards old messages when full/],
    [{ max_age: hour }, /max_age/],
    [{ max_msgs: 10 }, /two size limits; set only max_bytes/],
    [{ max_msgs_per_subject: 10 }, /two size limits; set only max_bytes/],
    [{ allow_rollup_hdrs: true, deny_purge: false }, /lets a message replace earlier ones/],
    [{ allow_msg_ttl: true }, /lets messages expire \(allow_msg_ttl\)/],
    [{ no_ack: true, allow_atomic: false }, /does not confirm/],
    [{ subjects: ["stripe.events.a"] }, /does not hold stripe\.events\.>/],
    [{ max_msg_size: 100 }, /accepts messages of up to 100 bytes; MAX_BODY_BYTES needs 528384/],
    [{ persist_mode: "async", allow_atomic: false }, /async persist mode/],
  ];
  for (const [different, fault] of faults) {
    it(`has exactly one fault with ${JSON.stringify(different)}`, async () => {
      await recreate(context, different);
      const found = await faultsOf(context);
      expect(found).to.have.length(1);
      expect(found[0])
        .to.match(fault)
        .and.match(/; fix: /);
    });
  }

  it("has a fault when the stream is sealed", async () => {
    await recreate(context, { deny_delete: false });
    await context.manager.streams.update(stream.name, { sealed: true } as never);
    expect((await faultsOf(context)).join()).to.include(
      "stream STRIPE_EVENTS does not confirm (no_ack or sealed)",
    );
  });

  it("has a fault when it mirrors another stream", async () => {
    await context.manager.streams.add({ name: "ORIGIN", subjects: ["origin"] });
    await recreate(context, {
      subjects: undefined,
      mirror: { name: "ORIGIN" },
      allow_atomic: false,
      discard: "old",
    });
    expect((await faultsOf(context)).join()).to.match(/is a mirror/);
  });

  it("has a fault when it has fewer replicas than required", async () => {
    await recreate(context, {});
    const [fault, ...others] = await faultsOf(context, { replicas: 3 });
    expect(others).to.deep.equal([]);
    expect(fault).to.match(/^stream STRIPE_EVENTS has 1 replica\(s\); REQUIRE_STREAM_REPLICAS is 3; fix: /);
  });

  it("has a fault when the server accepts smaller messages than ingress", async () => {
    await recreate(context, { max_msg_size: -1 });
    expect((await faultsOf(context, { messageBytes: 2_000_000 })).join()).to.match(
      /max_payload of server takings-local is 1048576/,
    );
  });

  it("has all faults listed at once", async () => {
    await recreate(context, { discard: "old", max_age: hour });
    expect(await faultsOf(context, { replicas: 3 })).to.have.length(3);
  });

  it("is unknown when the stream is missing", async () => {
    await context.manager.streams.delete(stream.name);
    const reason = await faultsOf(context).then(String, String);
    expect(reason).to.contain("stream STRIPE_EVENTS: stream not found");
    await recreate(context, {});
  });

  it("is unknown when the monitoring port responds with an error", async () => {
    const server = createServer((_, response) => void response.writeHead(500).end());
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const monitorUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reason = await faultsOf(context, { monitorUrls: [monitorUrl] }).then(String, String);
    server.closeAllConnections();
    server.close();
    expect(reason).to.equal(`Error: ${monitorUrl}/varz responds with status 500`);
  });
});

describe("the durability of a server", () => {
  for (const interval of ["sync_interval: 2m", ""]) {
    it(`has a fault with "${interval}": it confirms before it syncs`, async () => {
      await using context = await createTestContext({
        rewrite: (config) => config.replace("sync_interval: always", interval),
      });
      const [fault, ...others] = await faultsOf(context);
      expect(others).to.deep.equal([]);
      expect(fault).to.match(
        /^server takings-local confirms before it syncs to disk; fix: set jetstream \{ sync_interval: always \}/,
      );
    });
  }
});

describe("the servers that are monitored", () => {
  let connected: TestContext;
  let other: TestContext;
  before(async () => {
    [connected, other] = await Promise.all([createTestContext(), createTestContext()]);
  });
  after(() => Promise.all([connected, other].map((context) => context[Symbol.asyncDispose]())));

  it("must include the connected one: another one is a fault even when it has none itself", async () => {
    const found = await faultsOf(connected, { monitorUrls: [other.nats.monitorUrl] });
    expect(found).to.have.length(1);
    expect(found[0]).to.match(
      /^NATS_MONITOR_URL leads to takings-local \(\w+\) and not to takings-local \(\w+\), which ingress is connected to; fix: /,
    );
  });

  it("may be several, one of them the connected one", async () => {
    const monitorUrls = [other.nats.monitorUrl, connected.nats.monitorUrl];
    expect(await faultsOf(connected, { monitorUrls })).to.deep.equal([]);
  });

  it("may be away as long as the connected one responds", async () => {
    const monitorUrls = ["http://127.0.0.1:1", connected.nats.monitorUrl];
    expect(await faultsOf(connected, { monitorUrls })).to.deep.equal([]);
  });

  it("must all sync before they confirm: any of them may hold the stream later", async () => {
    await using lazy = await createTestContext({
      rewrite: (config) => config.replace("sync_interval: always", ""),
    });
    const monitorUrls = [connected.nats.monitorUrl, lazy.nats.monitorUrl];
    expect((await faultsOf(connected, { monitorUrls })).join()).to.match(/confirms before it syncs/);
  });

  it("are found behind a load balancer, also when it routes elsewhere afterwards", async () => {
    const all = [other, other, other, connected, other];
    await using balancer = await startLoadBalancer(all.map(({ nats }) => nats.monitorUrl));
    const needs = { monitorUrls: [balancer.url], replicas: 1, messageBytes: 528_384 };
    const check = createServerCheck(await connected.link("ingress"), needs);
    for (const _ of [1, 2, 3, 4]) expect(await check()).to.deep.equal([]);
  });
});

/** Routes each request for the server's variables to the next of these monitoring ports. */
async function startLoadBalancer(
  monitorUrls: readonly string[],
): Promise<AsyncDisposable & { readonly url: string }> {
  let turn = 0;
  const server = createServer((request, response) => {
    const isFacts = request.url === "/varz";
    const target = monitorUrls[turn % monitorUrls.length];
    if (isFacts) turn += 1;
    void fetch(new URL(request.url ?? "/", target)).then(async (page) => response.end(await page.text()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
