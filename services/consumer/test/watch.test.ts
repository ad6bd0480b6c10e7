import { createLogger, createMetrics } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createConsumerMetrics } from "../src/metrics.ts";
import { watchQuarantine } from "../src/watch.ts";

const log = createLogger({ service: "test", level: "silent" });

describe("the watch over the quarantine", () => {
  it("shows how many events wait for a decision, and keeps to that while nobody can tell", async () => {
    const registry = createMetrics();
    const metrics = createConsumerMetrics(registry);
    const shown = async (): Promise<string | undefined> => {
      const { body } = await registry.render("prometheus");
      return /^takings_quarantine_open (\d+)$/m.exec(body)?.[1];
    };
    const watch = watchQuarantine({ read: async () => 3, metrics, log });
    await eventually("the count", async () => (await shown()) === "3");
    watch.stop();
    let asked = false;
    const blind = watchQuarantine({
      read: async () => {
        asked = true;
        throw new Error("away");
      },
      metrics,
      log,
    });
    await eventually("the question", () => asked);
    expect(await shown()).to.equal("3");
    blind.stop();
  });
});
