import { expect } from "chai";
import { describe, it } from "mocha";
import { readLedgerState, trafficOf, untilCounted } from "../src/ledger-state.ts";
import { installed } from "../src/installation.ts";
import { manyEvents, note, settings } from "./settings.ts";

describe("events sent inside the cluster", function () {
  this.timeout(600_000);

  it(`are counted exactly to the minor unit (${manyEvents} events, a tenth of them sent twice)`, async () => {
    const installation = await installed(settings);
    const traffic = trafficOf("many", manyEvents);
    const { events } = traffic;
    const before = await readLedgerState(installation);
    const duplicates = events.slice(0, manyEvents / 10);
    const sent = await installation.client.send([...events, ...duplicates], { concurrency: 32 });
    note(`${Math.round(sent.events / sent.seconds)} events per second, slowest ${sent.slowestMs} ms`);
    expect(sent.accepted).to.equal(events.length + duplicates.length);
    await untilCounted(installation, before, traffic);
  });
});
