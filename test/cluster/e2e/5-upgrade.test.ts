import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { countEvents, readTotals, trafficOf, untilCounted } from "../src/cluster/ledger-state.ts";
import { installed, installProduct, productChart, productValues } from "../src/cluster/installation.ts";
import { note, settings } from "./settings.ts";

/** The chart as it once was. The next release adds its own here. */
const snapshot = join(import.meta.dirname, "charts/takings-0.1.0-first.tgz");

describe("an upgrade", function () {
  this.timeout(900_000);

  it("from an earlier chart, rolling, under load: no webhook fails, nothing is lost or counted twice", async () => {
    const installation = await installed(settings);
    const { cluster, client } = installation;
    await cluster.helm(["uninstall", "takings", "--wait", "--timeout", "3m"], { timeoutMs: 200_000 });
    await installProduct(cluster, "install", snapshot, productValues(settings));
    const { events, expected } = trafficOf("upgrade", 2_500);
    const before = await readTotals(installation);
    const eventsBefore = await countEvents(installation);
    const sending = client.send(events, { concurrency: 16, perSecond: 25 });
    const began = Date.now();
    await installProduct(
      cluster,
      "upgrade",
      productChart,
      productValues(settings, { commonLabels: { upgraded: "yes" } }),
    );
    const upgradeSeconds = (Date.now() - began) / 1_000;
    note(`helm upgrade: ${upgradeSeconds.toFixed(1)} s`);
    const sent = await sending;
    expect(sent.seconds, "the load must outlast the upgrade").to.be.above(upgradeSeconds);
    note(`${sent.events} events in ${sent.seconds} s, slowest ${sent.slowestMs} ms`);
    expect(
      await cluster.objects("pods", "upgraded=yes,app.kubernetes.io/instance=takings"),
    ).to.have.length.at.least(5);
    expect(sent.failures).to.deep.equal({});
    expect(sent.accepted).to.equal(events.length);
    await untilCounted(installation, before, expected);
    expect((await countEvents(installation)) - eventsBefore).to.equal(events.length);
  });
});
