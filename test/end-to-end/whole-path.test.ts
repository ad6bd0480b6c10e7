import {
  connectedAccounts,
  createRandom,
  createRevenueClient,
  deliverEvents,
  deliveriesOf,
  type DeliveryReport,
  generateHistories,
  platformAccount,
  type RevenueClient,
  type StripeEvent,
} from "@takings/simulator";
import { untilRecorded } from "./src/until-recorded.ts";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import {
  compareEventFilters,
  compareEvents,
  compareLedger,
  comparePayloads,
  comparePayments,
  compareSmallPages,
} from "./src/compare-records.ts";
import { compareSeries } from "./src/compare-series.ts";
import { compareTotals } from "./src/compare-totals.ts";
import { differencesIn } from "./src/comparisons.ts";
import { expectedStateOf, type ExpectedState } from "./src/expected-state.ts";
import { type LocalStack, startLocalStack } from "./src/local-stack.ts";
import { readRecordedEvents } from "./src/recorded-events.ts";

const seed = 20_240_310;
/** A longer run by hand: WHOLE_PATH_EVENTS=50000 */
const count = Number(process.env["WHOLE_PATH_EVENTS"] ?? 2_000);
const recorded = readRecordedEvents();

function isLine(line: string): boolean {
  return line.startsWith("{");
}

describe("The whole path from Stripe to revenue", function () {
  this.timeout(240_000 + count * 10);
  let stack: LocalStack;
  let reader: RevenueClient;
  let expectedState: ExpectedState;
  let events: readonly StripeEvent[];
  let report: DeliveryReport;

  before(async () => {
    stack = await startLocalStack(process.env, { STRIPE_ACCOUNT_ID: platformAccount });
    reader = createRevenueClient(stack.revenueUrl);
    events = [...generateHistories(seed, count).events, ...recorded];
    const deliveries = deliveriesOf(events, createRandom(seed + 1));
    expectedState = expectedStateOf(
      deliveries.map(({ body }) => body),
      platformAccount,
    );
    report = await deliverEvents(deliveries, {
      url: stack.ingressUrl,
      secret: stack.secret,
      concurrency: 32,
    });
    await untilRecorded(reader, new Set(events.map(({ id }) => id)), 60_000 + count * 3);
  });

  after(async () => {
    await stack?.stop();
  });

  it("accepts every delivery", () => {
    expect(report.refused).to.deep.equal([]);
  });

  it("has the right totals in every account, mode and range", async () => {
    expect(differencesIn([await compareTotals(reader, expectedState, connectedAccounts)])).to.equal("");
  });

  it("has the right series in several zones and intervals", async () => {
    expect(differencesIn([await compareSeries(reader, expectedState)])).to.equal("");
  });

  it("has the right ledger, entry by entry", async () => {
    expect(differencesIn(await compareLedger(reader, expectedState))).to.equal("");
  });

  it("shows the same ledger in small pages", async () => {
    expect(differencesIn([await compareSmallPages(reader, expectedState)])).to.equal("");
  });

  it("has the right history of each payment", async () => {
    expect(differencesIn([await comparePayments(reader, expectedState)])).to.equal("");
  });

  it("lists every event once, and exactly the invalid ones as quarantined", async () => {
    expect(differencesIn(await compareEvents(reader, expectedState))).to.equal("");
  });

  it("lists events by type and time", async () => {
    expect(differencesIn(await compareEventFilters(reader, expectedState))).to.equal("");
  });

  it("stores every body unchanged", async () => {
    expect(differencesIn([await comparePayloads(reader, [...expectedState.events.values()])])).to.equal("");
  });

  it("does not change when all events are delivered again in another order", async () => {
    const settings = { url: stack.ingressUrl, secret: stack.secret, concurrency: 32 };
    const { refused } = await deliverEvents(deliveriesOf(events, createRandom(seed + 2)), settings);
    expect(refused).to.deep.equal([]);
    // The last event is recorded last, after all repetitions.
    const last = generateHistories(seed + 3, 1).events;
    await deliverEvents(last, settings);
    await untilRecorded(reader, new Set(last.map(({ id }) => id)), 60_000);
    const expected = expectedStateOf(
      [...events, ...last].map(({ body }) => body),
      platformAccount,
    );
    const comparisons = [
      ...(await compareLedger(reader, expected)),
      ...(await compareEvents(reader, expected)),
    ];
    expect(differencesIn(comparisons)).to.equal("");
  });

  it("can be followed through the logs for one event", async () => {
    const [event] = generateHistories(seed + 4, 1).events;
    if (event === undefined) throw new Error("the traffic is empty");
    await deliverEvents([event], { url: stack.ingressUrl, secret: stack.secret, concurrency: 1 });
    const { payload } = await eventually("the event's record", () => reader.event(event.id), 20_000);
    const saidBy = (part: string): string[] =>
      stack
        .log(part)
        .split("\n")
        .filter((line) => isLine(line) && line.includes(event.id))
        .map((line) => JSON.parse(line).msg);
    await eventually("a log line", () => saidBy("consumer").length > 0);
    expect({ ingress: saidBy("ingress"), consumer: saidBy("consumer"), payload }).to.deep.equal({
      ingress: ["event_received"],
      consumer: ["event_saved"],
      payload: event.body,
    });
  });
});
