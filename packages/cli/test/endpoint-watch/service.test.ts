import { wantedEndpoint } from "@takings/endpoint";
import { freePorts } from "@takings/local";
import type { Scope } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { pauseAfter, repeatCheck } from "../../src/endpoint/watch/repeat-check.ts";
import { startWatch } from "../../src/endpoint/watch/service.ts";
import { memorySecrets, memoryStripe } from "./memory-stripe.ts";

describe("the watch of the endpoint", () => {
  it("is ready after its first complete check, and says before why it is not", async () => {
    const stripe = memoryStripe();
    let refusal: Error | undefined = new Error("Stripe does not know the key");
    const stopping = new AbortController();
    const releases: (() => unknown)[] = [];
    const scope: Scope = {
      stopping: stopping.signal,
      onStop: (_, release) => void releases.unshift(release),
      fail: () => {},
    };
    const [port = 0] = await freePorts(1);
    await startWatch(scope, {
      wanted: wantedEndpoint({ url: "https://hooks.example/a", source: "default", connect: false }),
      openStripe() {
        if (refusal !== undefined) throw refusal;
        return stripe;
      },
      secrets: memorySecrets(),
      adopt: false,
      intervalMs: 50,
      adminPort: port,
      host: "127.0.0.1",
      logLevel: "silent",
    });
    const ready = async (): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      return `${response.status} ${await response.text()}`;
    };
    await eventually("the reason", async () => (await ready()) === "503 Stripe does not know the key\n");
    refusal = undefined;
    await eventually("a complete check", async () => (await ready()) === "200 ok\n");
    expect(stripe.endpoints).to.have.length(1);
    refusal = new Error("Stripe is away");
    await eventually("an outage to last", async () => (await ready()) === "503 Stripe is away\n");
    stopping.abort();
    for (const release of releases) await release();
  });
});

describe("the repetition of a check", () => {
  it("goes on after failures, sooner than the interval, and ends when it is stopped", async () => {
    const stopping = new AbortController();
    const failures: unknown[] = [];
    let checks = 0;
    await repeatCheck(
      async () => {
        checks += 1;
        if (checks === 5) stopping.abort();
        throw new Error(String(checks));
      },
      { intervalMs: 5, onFailure: (error) => failures.push(error), stopping: stopping.signal },
    );
    expect(checks).to.equal(5);
    expect(failures.map(String)).to.deep.equal([1, 2, 3, 4].map((n) => `Error: ${n}`));
  });

  it("waits for at most the interval, and after failures at first 2 s", () => {
    expect([0, 0.5, 1].map((random) => pauseAfter(0, 60_000, random))).to.deep.equal([
      60_000, 54_000, 48_000,
    ]);
    expect([1, 2, 5, 6, 60].map((failures) => pauseAfter(failures, 60_000, 0))).to.deep.equal([
      2_000, 4_000, 32_000, 60_000, 60_000,
    ]);
    expect(pauseAfter(1, 1_000, 0)).to.equal(1_000);
  });
});
