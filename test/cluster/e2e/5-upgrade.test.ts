import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readLedgerState, trafficOf, untilCounted } from "../src/ledger-state.ts";
import {
  installed,
  installProduct,
  productChart,
  productValues,
  uninstallProduct,
} from "../src/installation.ts";
import { note, settings } from "./settings.ts";

/** An earlier version of the chart, without its generated files. Each release adds its own, by `helm package`. */
const snapshot = join(import.meta.dirname, "charts/takings-0.1.0-first.tgz");

describe("an upgrade", function () {
  this.timeout(900_000);

  it("from an earlier chart under load is rolling: no webhook fails, no event is lost or counted twice", async () => {
    const installation = await installed(settings);
    const { cluster, client } = installation;
    await uninstallProduct(cluster);
    await installProduct(cluster, "install", snapshot, productValues(settings));
    const traffic = trafficOf("upgrade", 2_500);
    const { events } = traffic;
    const before = await readLedgerState(installation);
    const values = productValues(settings, { commonLabels: { upgraded: "yes" } });
    const began = Date.now();
    const upgrading = installProduct(cluster, "upgrade", productChart, values).then(
      () => (Date.now() - began) / 1_000,
    );
    const pace = { perSecond: 25, until: upgrading };
    const [sent, upgradeSeconds] = await Promise.all([
      client.send(events, { concurrency: 16, pace }),
      upgrading,
    ]);
    note(`helm upgrade: ${upgradeSeconds.toFixed(1)} s`);
    expect(sent.seconds, "the load must outlast the upgrade").to.be.above(upgradeSeconds);
    note(`${sent.events} events in ${sent.seconds} s, slowest ${sent.slowestMs} ms`);
    expect(
      await cluster.objects("pods", "upgraded=yes,app.kubernetes.io/instance=takings"),
    ).to.have.length.at.least(5);
    expect(sent.failures).to.deep.equal({});
    expect(sent.accepted).to.equal(events.length);
    await untilCounted(installation, before, traffic);
  });
});
