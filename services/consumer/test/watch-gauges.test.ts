import { createLogger, createMetrics } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createConsumerMetrics } from "../src/metrics.ts";
import { watchGaps, watchQuarantine } from "../src/watch-gauges.ts";

const log = createLogger({ service: "test", level: "silent" });

describe("the watch of the quarantine", () => {
  it("shows how many events await a decision, and keeps the number while it is unknown", async () => {
    const registry = createMetrics();
    const metrics = createConsumerMetrics(registry);
    const shown = async (): Promise<string | undefined> => {
      const { body } = await registry.render("prometheus");
      return /^takings_quarantine_open\{source="default"\} (\d+)$/m.exec(body)?.[1];
    };
    const watch = watchQuarantine({ read: async () => [{ source: "default", open: 3 }], metrics, log });
    await eventually("the count", async () => (await shown()) === "3");
    watch.stop();
    let attempted = false;
    const blind = watchQuarantine({
      read: async () => {
        attempted = true;
        throw new Error("away");
      },
      metrics,
      log,
    });
    await eventually("the attempt", () => attempted);
    expect(await shown()).to.equal("3");
    blind.stop();
  });
});

describe("the watch of gaps", () => {
  it("shows how many of each kind are open, 0 before the first check, and the last known while unknown", async () => {
    const registry = createMetrics();
    const metrics = createConsumerMetrics(registry);
    const shown = async (): Promise<string[]> => {
      const { body } = await registry.render("prometheus");
      return [...body.matchAll(/^takings_gaps\{kind="(\w+)",source="default"\} (\d+)$/gm)].map(
        ([, kind, count]) => `${kind} ${count}`,
      );
    };
    expect(await shown()).to.deep.equal(["payment 0", "refund 0"]);
    const watch = watchGaps({
      read: async () => [{ source: "default", payment: 0, refund: 2 }],
      metrics,
      log,
    });
    await eventually("the count", async () => (await shown()).includes("refund 2"));
    watch.stop();
    let attempted = false;
    const blind = watchGaps({
      read: async () => {
        attempted = true;
        throw new Error("away");
      },
      metrics,
      log,
    });
    await eventually("the attempt", () => attempted);
    expect(await shown()).to.deep.equal(["payment 0", "refund 2"]);
    blind.stop();
  });
});
