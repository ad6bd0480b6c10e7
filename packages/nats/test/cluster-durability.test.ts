import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually, type TestNats, testNatsCluster, type TestNatsCluster } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { after, before, beforeEach, describe, it } from "mocha";
import { applyTopology } from "../src/admin/apply-topology.ts";
import { createServerCheck } from "../src/durability/server-durability.ts";
import { type NatsLink, openLink } from "../src/nats-link.ts";
import { createTestContext } from "./test-context.ts";

const minuteMs = 60_000;
const needs = { replicas: 3, messageBytes: 528_384 };

describe("the durability of three servers that hold the stream", function () {
  this.timeout(60_000);
  let cluster: TestNatsCluster;
  let link: NatsLink;
  /** The server that ingress is connected to, and the others. */
  let connected: TestNats;
  let others: readonly TestNats[];
  const lazy = new Set<string>();

  before(async () => {
    cluster = await testNatsCluster((config, name) =>
      lazy.has(name) ? config.replace("sync_interval: always", "") : config,
    );
    [connected, ...others] = cluster.servers;
    const admin = await openLink({ url: connected.urls.admin, name: "admin" });
    const { nats } = await admin.connected(5_000);
    const apply = (): Promise<unknown> => applyTopology(nats, { replicas: 3, maxBytes: 50_000_000 });
    await eventually("a stream with three replicas", () => apply().then(() => true), 30_000);
    await admin.close();
    link = await openLink({ url: connected.urls.ingress, name: "ingress" });
    await link.connected(5_000);
  });
  after(async () => {
    await link.close();
    await cluster[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await eventually("all servers to be in sync", async () => (await online()).length === 3, 30_000);
  });

  /** The names of the servers that the leader of the stream sees, itself included. */
  async function online(): Promise<readonly string[]> {
    const { nats } = await link.connected(5_000);
    const { cluster: found } = (await nats.request(`$JS.API.STREAM.INFO.${stream.name}`)).json<{
      cluster: { leader: string; replicas: { name: string; offline?: boolean; current?: boolean }[] };
    }>();
    const current = found.replicas.filter((one) => one.offline !== true && one.current === true);
    return [found.leader, ...current.map(({ name }) => name)];
  }

  const monitorUrls = (servers: readonly TestNats[]): string[] => servers.map((one) => one.monitorUrl);
  const messages = async (check: ReturnType<typeof createServerCheck>): Promise<readonly string[]> =>
    (await check()).map(({ message }) => message);

  it("has no fault when all are monitored and sync", async () => {
    const check = createServerCheck(link, { ...needs, monitorUrls: monitorUrls(cluster.servers) });
    expect(await messages(check)).to.deep.equal([]);
  });

  it("has a fault when NATS_MONITOR_URL does not lead to one of them", async () => {
    const monitored = monitorUrls(cluster.servers.slice(0, 2));
    const found = await messages(createServerCheck(link, { ...needs, monitorUrls: monitored }));
    expect(found).to.have.length(1);
    expect(found[0]).to.match(
      /^NATS_MONITOR_URL leads to server-0 \(\w+\), server-1 \(\w+\) and not to server-2, which holds a replica of stream STRIPE_EVENTS; fix: give the monitoring URL of every server/,
    );
  });

  it("has no fault while one that did respond does not respond for less than a minute", async () => {
    const monitored = monitorUrls(cluster.servers);
    let now = 0;
    const check = createServerCheck(link, { ...needs, monitorUrls: monitored }, () => now);
    expect(await messages(check)).to.deep.equal([]);
    monitored[2] = "http://127.0.0.1:1";
    now = minuteMs;
    expect(await messages(check)).to.deep.equal([]);
    now = minuteMs + 1;
    expect((await messages(check)).join()).to.match(
      /and not to server-2, which holds a replica of stream STRIPE_EVENTS \(http:\/\/127\.0\.0\.1:1\/\w+ at 127\.0\.0\.1: .*ECONNREFUSED.*\); fix: /,
    );
  });

  it("has no fault while one is down, and has one when it returns without sync", async () => {
    const check = createServerCheck(link, { ...needs, monitorUrls: monitorUrls(cluster.servers) });
    expect(await messages(check)).to.deep.equal([]);
    const [, follower] = others;
    await follower?.stop();
    await eventually("the cluster to see it offline", async () => (await online()).length === 2, 20_000);
    expect(await messages(check)).to.deep.equal([]);
    lazy.add("server-2");
    await follower?.start();
    await eventually("the fault", async () =>
      (await messages(check)).some((one) =>
        one.startsWith("server server-2 confirms before it syncs to disk; fix: "),
      ),
    );
    lazy.delete("server-2");
    await follower?.restart();
    await eventually("no fault", async () => (await messages(check)).length === 0);
  });

  it("has no fault when one was killed, also for a check that has never seen it", async () => {
    const monitored = monitorUrls(cluster.servers);
    const [, follower] = others;
    await follower?.kill();
    const fresh = async (): Promise<readonly string[]> =>
      messages(createServerCheck(link, { ...needs, monitorUrls: monitored }));
    await eventually("no fault", async () => (await fresh()).length === 0, 20_000);
    await follower?.start();
  });

  it("has a fault when one that was offline returns and cannot be checked", async () => {
    const monitored = monitorUrls(cluster.servers);
    const check = createServerCheck(link, { ...needs, monitorUrls: monitored });
    expect(await messages(check)).to.deep.equal([]);
    const [, follower] = others;
    await follower?.stop();
    await eventually("the cluster to see it offline", async () => (await online()).length === 2, 20_000);
    monitored[2] = "http://127.0.0.1:1";
    expect(await messages(check)).to.deep.equal([]);
    await follower?.start();
    await eventually("the fault", async () =>
      (await messages(check)).some((one) => one.includes("and not to server-2, which holds a replica")),
    );
  });
});

describe("the durability of another server", () => {
  it("has no fault while JetStream is not running there: it stores nothing", async () => {
    await using context = await createTestContext();
    const starting = {
      server_id: "N2",
      server_name: "starting",
      max_payload: 1_048_576,
      jetstream: {},
    };
    const server = createServer((_, response) => void response.end(JSON.stringify(starting)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const monitored = [context.nats.monitorUrl, `http://127.0.0.1:${port}`];
    const link = await context.link("ingress");
    const found = await createServerCheck(link, { ...needs, monitorUrls: monitored })();
    server.close();
    expect(found).to.deep.equal([]);
  });
});

describe("the durability of the connected server", () => {
  it("is known as long as the connection lasts, also when its monitoring port is away", async () => {
    await using context = await createTestContext();
    const monitored = [context.nats.monitorUrl];
    let now = 0;
    const check = createServerCheck(
      await context.link("ingress"),
      { ...needs, replicas: 1, monitorUrls: monitored },
      () => now,
    );
    expect(await check()).to.deep.equal([]);
    monitored[0] = "http://127.0.0.1:1";
    now = 60 * minuteMs;
    expect(await check()).to.deep.equal([]);
  });
});
