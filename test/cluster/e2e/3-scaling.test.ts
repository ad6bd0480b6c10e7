import { expect } from "chai";
import { describe, it } from "mocha";
import { blockWrites, readTotals, trafficOf, untilCounted } from "../src/cluster/ledger-state.ts";
import { waitFor } from "../src/cluster/cluster.ts";
import { type Installation, installed } from "../src/cluster/installation.ts";
import { note, settings } from "./settings.ts";

const least = 1;
const most = 3;

describe("the lag of the stream", function () {
  this.timeout(900_000);

  it("drives the consumer from least to most pods and back, and what waited is counted exactly", async () => {
    const installation = await installed(settings);
    const until = watchConsumers(installation);
    await until(least);
    const { events, expected } = trafficOf("lag", 1_500);
    const before = await readTotals(installation);
    const goOn = await blockWrites(installation);
    try {
      const sent = await installation.client.send(events, { concurrency: 16 });
      expect(sent.failures).to.deep.equal({});
      await until(most);
    } finally {
      await goOn();
    }
    await untilCounted(installation, before, expected);
    note("everything counted");
    await until(least);
  });
});

/** Waits for a number of consumers, and notes each change on the way. */
function watchConsumers({ cluster }: Installation): (wanted: number) => Promise<void> {
  const began = Date.now();
  let seen: number | undefined;
  return (wanted) =>
    waitFor(
      `${wanted} consumers`,
      async () => {
        const [deployment] = await cluster.objects("deployment", "app.kubernetes.io/component=consumer");
        const now = deployment?.spec.replicas ?? 0;
        if (now !== seen) note(`${Math.round((Date.now() - began) / 1_000)} s: ${now} consumers`);
        seen = now;
        return now === wanted || `${now}`;
      },
      240_000,
    );
}
