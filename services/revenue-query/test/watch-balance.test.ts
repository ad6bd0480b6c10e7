import { createLogger, createMetrics } from "@takings/runtime";
import type { BalanceState } from "@takings/postgres";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createBalanceMetrics } from "../src/metrics.ts";
import { watchBalance } from "../src/background/watch-balance.ts";

const log = createLogger({ service: "test", level: "silent" });
const platform = { source: "default", account: null, livemode: true, completeThrough: 1_780_272_000 };
const connected = { source: "default", account: "acct_1", livemode: true, completeThrough: undefined };

describe("the gauges of the balance ledger", () => {
  const rendered = async (state: BalanceState): Promise<string> => {
    const metrics = createMetrics();
    const watch = watchBalance({ read: () => Promise.resolve(state), metrics, log });
    const body = await eventually("the gauges", async () => {
      const { body: text } = await metrics.render("prometheus");
      return text.includes("{source=") && text;
    });
    watch.stop();
    return body;
  };

  it("show per ledger scope until when it is complete, 0 while no round has finished", async () => {
    const body = await rendered({
      scopes: [platform, connected],
      unexplained: [{ source: "default", livemode: true, payouts: 2 }],
    });
    const name = "takings_balance_complete_through_timestamp_seconds";
    expect(body).to.include(`${name}{source="default",account="",livemode="true"} 1780272000\n`);
    expect(body).to.include(`${name}{source="default",account="acct_1",livemode="true"} 0\n`);
    expect(body).to.include('takings_balance_unexplained_payouts{source="default",livemode="true"} 2\n');
  });

  it("have no series of a scope that is not synced any more", async () => {
    const metrics = createMetrics();
    const set = createBalanceMetrics(metrics);
    set({ scopes: [platform, connected], unexplained: [{ source: "default", livemode: true, payouts: 2 }] });
    set({ scopes: [platform], unexplained: [] });
    const { body } = await metrics.render("prometheus");
    expect(body)
      .to.include('account=""')
      .and.not.match(/acct_1|unexplained_payouts\{/);
  });

  it("have no series while nothing was ever synced, and survive an unavailable database", async () => {
    for (const read of [
      () => Promise.resolve({ scopes: [], unexplained: [] }),
      () => Promise.reject(new Error("away")),
    ]) {
      const metrics = createMetrics();
      const watch = watchBalance({ read, metrics, log });
      await Promise.resolve();
      watch.stop();
      const { body } = await metrics.render("prometheus");
      expect(body)
        .to.include("# TYPE takings_balance_unexplained_payouts gauge")
        .and.not.match(/takings_balance_\w+\{/);
    }
  });
});
