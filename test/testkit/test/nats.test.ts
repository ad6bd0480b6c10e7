import { expect } from "chai";
import { describe, it } from "mocha";
import { eventually } from "../src/eventually.ts";
import { testNats } from "../src/nats.ts";

async function monitored(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(500) });
  return response.json() as Promise<Record<string, unknown>>;
}

describe("a test's own nats-server", () => {
  it("syncs every message to disk, as the local run does", async () => {
    await using nats = await testNats();
    const { config } = await monitored(`${nats.monitorUrl}/jsz`);
    expect(config).to.include({ sync_always: true });
  });

  it("has the same address after a crash", async () => {
    await using nats = await testNats();
    const before = nats.pid();
    await nats.kill();
    await nats.start();
    expect(nats.pid()).not.to.equal(before);
    expect(await monitored(`${nats.monitorUrl}/healthz`)).to.deep.equal({ status: "ok" });
  });

  it("does not respond while it is paused", async () => {
    await using nats = await testNats();
    const isSilent = (): Promise<boolean> =>
      monitored(`${nats.monitorUrl}/healthz`).then(
        () => false,
        () => true,
      );
    await nats.pause();
    expect(await isSilent()).to.equal(true);
    nats.resume();
    await eventually("a response", () => monitored(`${nats.monitorUrl}/healthz`));
  });

  it("can have another configuration", async () => {
    await using nats = await testNats({ rewrite: (config) => config.replace("sync_interval: always", "") });
    const { config } = await monitored(`${nats.monitorUrl}/jsz`);
    expect(config).not.to.include({ sync_always: true });
  });
});
