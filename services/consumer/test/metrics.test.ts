import { createMetrics } from "@takings/runtime";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createConsumerMetrics } from "../src/metrics.ts";

describe("the metrics of a consumer whose clock is behind", () => {
  const registry = createMetrics();
  const metrics = createConsumerMetrics(registry);
  const value = async (series: string): Promise<number> => {
    const { body } = await registry.render("prometheus");
    return Number(new RegExp(`^${RegExp.escape(series)} (.*)$`, "m").exec(body)?.[1]);
  };

  it("count a negative freshness as 0, because a sum that falls is a reset for Prometheus", async () => {
    metrics.fresh(-3_600, "default", undefined);
    metrics.fresh(2, "default", undefined);
    expect(await value('takings_event_freshness_seconds_sum{source="default"}')).to.equal(2);
    expect(await value('takings_event_freshness_seconds_count{source="default"}')).to.equal(2);
  });

  it("show the oldest event as 0 seconds old when NATS stored it in the future", async () => {
    const backlog = {
      pending: 1,
      oldest: new Date(Date.now() + 3_600_000),
      ackPending: 0,
      maxAckPending: 1,
      redelivered: 0,
      ackFloor: 0,
      waitingPulls: 0,
      streamBytes: 0,
      streamLimitBytes: undefined,
    };
    metrics.backlog(backlog);
    expect(await value("takings_oldest_unprocessed_seconds")).to.equal(0);
  });
});
