import { expect } from "chai";
import { describe, it } from "mocha";
import { waitFor } from "../src/cluster/cluster.ts";
import { installed, productChart, productValues } from "../src/cluster/installation.ts";
import { settings } from "./settings.ts";

describe("a Secret that is missing", function () {
  this.timeout(300_000);

  it("is named in an event of the pod that waits for it, and in what helm says", async () => {
    const { cluster } = await installed(settings);
    const jobsOff = { migration: { enabled: false }, stream: { enabled: false } };
    const values = productValues(settings, { ...jobsOff, stripe: { existingSecret: "no-such-secret" } });
    const said = await cluster.helm(["install", "other", productChart, "--values", "-"], { input: values });
    try {
      expect(said).to.include("MISSING: Secret no-such-secret");
      await waitFor("the event", async () => {
        const events = await cluster.kubectl(["get", "events", "--output", "jsonpath={.items[*].message}"]);
        return events.includes('secret "no-such-secret" not found');
      });
    } finally {
      await cluster.helm(["uninstall", "other", "--wait", "--timeout", "3m"], { timeoutMs: 200_000 });
    }
  });
});
