import { expect } from "chai";
import { describe, it } from "mocha";
import { countEvents, readTotals, trafficOf, untilCounted } from "../src/ledger-state.ts";
import { installed } from "../src/installation.ts";
import { manyEvents, note, settings } from "./settings.ts";

describe("events sent inside the cluster", function () {
  this.timeout(600_000);

  it(`are counted exactly to the minor unit (${manyEvents} events, a tenth of them sent twice)`, async () => {
    const installation = await installed(settings);
    const { events, expected } = trafficOf("many", manyEvents);
    const before = await readTotals(installation);
    const eventsBefore = await countEvents(installation);
    const duplicates = events.slice(0, manyEvents / 10);
    const sent = await installation.client.send([...events, ...duplicates], { concurrency: 32 });
    note(`${Math.round(sent.events / sent.seconds)} events per second, slowest ${sent.slowestMs} ms`);
    expect(sent.accepted).to.equal(events.length + duplicates.length);
    await untilCounted(installation, before, expected);
    expect((await countEvents(installation)) - eventsBefore).to.equal(events.length);
  });
});
