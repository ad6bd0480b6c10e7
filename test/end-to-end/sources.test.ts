import {
  connectedAccounts,
  createRandom,
  createRevenueClient,
  deliverEvents,
  deliveriesOf,
  generateHistories,
  platformAccount,
  type StripeEvent,
  testSecret,
} from "@takings/simulator";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { compareEvents, compareLedger, comparePayloads, comparePayments } from "./src/compare-records.ts";
import { compareTotals } from "./src/compare-totals.ts";
import { differencesIn } from "./src/comparisons.ts";
import { type ExpectedState, expectedStateOf } from "./src/expected-state.ts";
import { differingEvents, otherSource, startTwoSources, type TwoSources } from "./src/two-sources.ts";
import { untilRecorded } from "./src/until-recorded.ts";

const seed = 20_261_130;
const count = Number(process.env["SOURCES_EVENTS"] ?? 200);
const { events } = generateHistories(seed, count);
const differing = differingEvents(events);

/** Connected in both sources. */
const accounts = connectedAccounts.filter((account) => account !== otherSource.platformAccount).slice(0, 1);

const bodiesOf = (sent: readonly StripeEvent[]): string[] => sent.map(({ body }) => body);
const expectedStates: Readonly<Record<string, ExpectedState>> = {
  default: expectedStateOf(bodiesOf(events), platformAccount),
  [otherSource.name]: expectedStateOf(bodiesOf(differing), otherSource.platformAccount),
};

describe("Two sources with the same event ids and different money", function () {
  this.timeout(120_000 + count * 20);
  let installation: TwoSources;
  before(async () => {
    installation = await startTwoSources(testSecret);
    const { ingressUrl, revenueUrl } = installation;
    const paths = { default: "", [otherSource.name]: `/webhooks/stripe/${otherSource.name}` };
    const deliver = async (source: string, sent: readonly StripeEvent[], secret: string): Promise<void> => {
      const deliveries = deliveriesOf(sent, createRandom(seed));
      const settings = { url: `${ingressUrl}${paths[source]}`, secret, concurrency: 16 };
      expect((await deliverEvents(deliveries, settings)).refused).to.deep.equal([]);
      const reader = createRevenueClient(revenueUrl, { source });
      await untilRecorded(reader, new Set(sent.map(({ id }) => id)), 60_000 + count * 10);
    };
    await Promise.all([
      deliver("default", events, testSecret),
      deliver(otherSource.name, differing, otherSource.secret),
    ]);
  });
  after(() => installation?.[Symbol.asyncDispose]());

  for (const [source, expected] of Object.entries(expectedStates))
    it(`are each as if alone: ${source}`, async () => {
      const reader = createRevenueClient(installation.revenueUrl, { source });
      const someEvents = [...expected.events.values()].slice(0, 50);
      const comparisons = [
        await compareTotals(reader, expected, accounts),
        ...(await compareLedger(reader, expected)),
        ...(await compareEvents(reader, expected)),
        await comparePayments(reader, expected, 50),
        await comparePayloads(reader, someEvents),
      ];
      expect(differencesIn(comparisons)).to.equal("");
    });

  it("are added up where all sources are asked for", async () => {
    const reader = createRevenueClient(installation.revenueUrl, { source: "*" });
    const states = Object.values(expectedStates);
    const all = { entries: states.flatMap(({ entries }) => entries), events: new Map() };
    const comparisons = [await compareTotals(reader, all, accounts), ...(await compareLedger(reader, all))];
    expect(differencesIn(comparisons)).to.equal("");
    expect(await reader.events({})).to.have.length(events.length + differing.length);
  });
});
