import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { blockWrites, readLedgerState, trafficOf, untilCounted } from "../src/ledger-state.ts";
import { clusterPollMs } from "../src/cluster.ts";
import { type Installation, installed } from "../src/installation.ts";
import { note, settings } from "./settings.ts";

const minReplicas = 1;
const maxReplicas = 3;
const scalingTimeoutMs = 240_000;

describe("autoscaling by the lag of the stream", function () {
  this.timeout(900_000);

  it("scales the consumer from the minimum to the maximum and back, and counts the backlog exactly", async () => {
    const installation = await installed(settings);
    const untilReplicas = watchReplicas(installation);
    await untilReplicas(minReplicas);
    const traffic = trafficOf("lag", 1_500);
    const { events } = traffic;
    const before = await readLedgerState(installation);
    const unblock = await blockWrites(installation);
    try {
      const sent = await installation.client.send(events, { concurrency: 16 });
      expect(sent.failures).to.deep.equal({});
      await untilReplicas(maxReplicas);
    } finally {
      await unblock();
    }
    await untilCounted(installation, before, traffic);
    note("everything counted");
    await untilReplicas(minReplicas);
  });
});

/** Returns a function that waits for a number of consumers and prints each change. */
function watchReplicas({ cluster }: Installation): (wanted: number) => Promise<boolean> {
  const began = Date.now();
  let seen: number | undefined;
  return (wanted) =>
    eventually(
      `${wanted} consumers`,
      async () => {
        const [deployment] = await cluster.objects("deployment", "app.kubernetes.io/component=consumer");
        const now = deployment?.spec.replicas ?? 0;
        if (now !== seen) note(`${Math.round((Date.now() - began) / 1_000)} s: ${now} consumers`);
        seen = now;
        if (now !== wanted) throw new Error(`${now} consumers`);
        return true;
      },
      scalingTimeoutMs,
      clusterPollMs,
    );
}
