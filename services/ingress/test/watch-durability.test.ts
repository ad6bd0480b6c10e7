import { createMetrics } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createIngressMetrics } from "../src/metrics.ts";
import { type DurabilityWatch, watchDurability } from "../src/watch-durability.ts";
import { silent } from "./test-server.ts";

/** A watch of a stream without faults. */
function watchServers(servers: () => Promise<[]>, metrics = createMetrics()): DurabilityWatch {
  const watch = watchDurability({
    checks: { stream: async () => ({ faults: [], created: "2026", firstSequence: 1 }), servers },
    onStreamChanged: () => {},
    onFirstSequence: () => {},
    metrics: createIngressMetrics(metrics),
    log: silent(),
    serversFreshMs: 1_500,
  });
  watch.connected();
  return watch;
}

describe("the watch of the servers", () => {
  it("has a fault when the check has failed for too long, with the reason", async () => {
    let checks = 0;
    const watch = watchServers(async () => {
      checks += 1;
      if (checks > 1) throw new Error("ca.crt cannot be read");
      return [];
    });
    await eventually("no fault", () => watch.fault() === undefined);
    const fault = await eventually("a fault", () => watch.fault());
    expect(fault).to.match(/^the servers were last checked \d s ago: ca\.crt cannot be read$/);
    watch.stop();
  });

  it("shows in the metric that the check has failed for too long", async () => {
    let checks = 0;
    const metrics = createMetrics();
    const watch = watchServers(async () => {
      checks += 1;
      if (checks > 1) throw new Error("ca.crt cannot be read");
      return [];
    }, metrics);
    const holds = async (): Promise<number | undefined> => {
      const found = await metrics.registry.getSingleMetric("takings_durability_ok")?.get();
      return found?.values[0]?.value;
    };
    await eventually("1", async () => (await holds()) === 1);
    await eventually("0", async () => (await holds()) === 0);
    watch.stop();
  });

  it("has a fault when the check hangs for too long", async () => {
    let checks = 0;
    const watch = watchServers(async () => {
      checks += 1;
      return checks === 1 ? [] : new Promise(() => {});
    });
    await eventually("no fault", () => watch.fault() === undefined);
    expect(await eventually("a fault", () => watch.fault())).to.match(
      /^the servers were last checked \d s ago$/,
    );
    watch.stop();
  });
});
