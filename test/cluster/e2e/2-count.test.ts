import { expect } from "chai";
import { describe, it } from "mocha";
import { countEvents, readTotals, trafficOf, untilCounted } from "../src/cluster/ledger-state.ts";
import { installed } from "../src/cluster/installation.ts";
import { manyEvents, note, settings } from "./settings.ts";

describe("events from inside the cluster", function () {
  this.timeout(600_000);

  it(`are counted to the minor unit: ${manyEvents} of them, a tenth sent twice`, async () => {
    const installation = await installed(settings);
    const { events, expected } = trafficOf("many", manyEvents);
    const before = await readTotals(installation);
    const eventsBefore = await countEvents(installation);
    const again = events.slice(0, manyEvents / 10);
    const sent = await installation.client.send([...events, ...again], { concurrency: 32 });
    note(`${Math.round(sent.events / sent.seconds)} events a second, slowest ${sent.slowestMs} ms`);
    expect(sent.accepted).to.equal(events.length + again.length);
    await untilCounted(installation, before, expected);
    expect((await countEvents(installation)) - eventsBefore).to.equal(events.length);
  });
});
