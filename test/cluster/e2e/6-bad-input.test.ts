import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { clusterPollMs, clusterTimeoutMs } from "../src/cluster.ts";
import { installed, productChart, productValues } from "../src/installation.ts";
import { settings } from "./settings.ts";

describe("a missing Secret", function () {
  this.timeout(300_000);

  it("is named in an event of the waiting pod and in the output of helm", async () => {
    const { cluster } = await installed(settings);
    const jobsOff = { migration: { enabled: false }, stream: { enabled: false } };
    const values = productValues(settings, { ...jobsOff, stripe: { existingSecret: "no-such-secret" } });
    const output = await cluster.helm(["install", "other", productChart, "--values", "-"], { input: values });
    try {
      expect(output).to.include("MISSING: Secret no-such-secret");
      const isReported = async (): Promise<boolean> => {
        const events = await cluster.kubectl(["get", "events", "--output", "jsonpath={.items[*].message}"]);
        return events.includes('secret "no-such-secret" not found');
      };
      await eventually("the event", isReported, clusterTimeoutMs, clusterPollMs);
    } finally {
      await cluster.helm(["uninstall", "other", "--wait", "--timeout", "3m"], { timeoutMs: 200_000 });
    }
  });
});
