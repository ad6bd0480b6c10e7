import { createLogger, createMetrics } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { watchReconciliations } from "../src/background/watch-reconciliations.ts";

const log = createLogger({ service: "test", level: "silent" });
const known = {
  source: "default",
  platformAccount: null,
  account: null,
  livemode: true,
  completeFrom: "2026-05-01T00:00:00Z",
  completeThrough: "2026-06-01T00:00:00Z",
  missing: 2,
  different: 1,
  finishedAt: "2026-06-01T01:00:00Z",
};

describe("the gauges of takings reconcile", () => {
  it("show per ledger how far it has been compared and what is missing", async () => {
    const metrics = createMetrics();
    const watch = watchReconciliations({
      read: () => Promise.resolve([known, { ...known, source: "shop", account: "acct_1", missing: 0 }]),
      metrics,
      log,
    });
    const body = await eventually("the gauges", async () => {
      const rendered = await metrics.render("prometheus");
      return rendered.body.includes("acct_1") && rendered.body;
    });
    watch.stop();
    expect(body).to.include(
      'takings_reconcile_complete_through_timestamp_seconds{source="default",account="",livemode="true"} 1780272000\n',
    );
    expect(body).to.include('takings_reconcile_missing{source="default",account="",livemode="true"} 2\n');
    expect(body).to.include('takings_reconcile_missing{source="shop",account="acct_1",livemode="true"} 0\n');
    expect(body).to.include('takings_reconcile_different{source="default",account="",livemode="true"} 1\n');
  });

  it("have no series while nothing is known, and survive an unavailable database", async () => {
    const metrics = createMetrics();
    const watch = watchReconciliations({ read: () => Promise.reject(new Error("away")), metrics, log });
    watch.stop();
    const { body } = await metrics.render("prometheus");
    expect(body)
      .to.include("# TYPE takings_reconcile_missing gauge")
      .and.not.include("takings_reconcile_missing{");
  });
});
