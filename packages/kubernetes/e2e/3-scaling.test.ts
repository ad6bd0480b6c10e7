import { expect } from "chai";
import { readTotals, sql, trafficOf, untilCounted } from "../src/cluster/books.ts";
import { waitFor } from "../src/cluster/cluster.ts";
import { installed } from "../src/cluster/installation.ts";
import { note, settings } from "./settings.ts";

const least = 1;
const most = 3;
const heldSeconds = 75;

describe("the lag of the stream", function () {
  this.timeout(600_000);

  it("drives the consumer from least to most pods and back, and what waited is counted exactly", async () => {
    const installation = await installed(settings);
    const began = Date.now();
    const replicas = async (): Promise<number> => {
      const [deployment] = await installation.cluster.objects(
        "deployment",
        "app.kubernetes.io/component=consumer",
      );
      return deployment?.spec.replicas ?? 0;
    };
    let seen = 0;
    const until = (wanted: number): Promise<void> =>
      waitFor(
        `${wanted} consumers`,
        async () => {
          const now = await replicas();
          if (now !== seen) note(`${Math.round((Date.now() - began) / 1_000)} s: ${now} consumers`);
          seen = now;
          return now === wanted || `${now}`;
        },
        180_000,
      );
    await until(least);
    const { events, expected } = trafficOf("lag", 1_500);
    const before = await readTotals(installation);
    // A database that lets nobody write, as in the middle of maintenance.
    const held = sql(
      installation,
      `begin; lock table takings.events in exclusive mode; select pg_sleep(${heldSeconds})`,
    );
    const sent = await installation.client.send(events, { concurrency: 16 });
    expect(sent.failures).to.deep.equal({});
    await until(most);
    await held;
    await untilCounted(installation, before, expected);
    note(`${Math.round((Date.now() - began) / 1_000)} s: everything counted`);
    await until(least);
  });
});
