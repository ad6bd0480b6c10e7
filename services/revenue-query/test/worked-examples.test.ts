import { createPaymentService, type EventRecord } from "@takings/domain";
import { eventWithEntry } from "@takings/testkit";
import { decodeEvent } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { Temporal } from "temporal-polyfill";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";
import { readWorkedExamples, type WorkedExample } from "./worked-examples.ts";

const figures = ["gross", "refunded", "disputed", "net"] as const;
type Total = { readonly currency: string } & Readonly<
  Record<(typeof figures)[number], { readonly major: string }>
>;

const service = createPaymentService(undefined);

/** The record that the consumer would make of an event, in an account that only the example uses. */
function recordOf(event: WorkedExample["events"][number], eventId: string, account: string): EventRecord {
  const created = Math.floor(event.created.getTime() / 1_000);
  const { type, object } = event;
  const body = { id: eventId, object: "event", account, created, livemode: true, type, data: { object } };
  const decoded = decodeEvent(Buffer.from(JSON.stringify(body)));
  if (decoded === undefined) throw new Error(`not an event: ${JSON.stringify(body)}`);
  const meaning = service.interpret(decoded);
  const stored = { ...eventWithEntry({ eventId, type, at: event.created.toISOString() }), account };
  return meaning.status === "processed"
    ? { ...stored, facts: meaning.facts }
    : { ...stored, facts: undefined, status: "quarantined", reason: meaning.reason };
}

describe("a worked example of docs/revenue.md", () => {
  const examples = readWorkedExamples();
  let store: TestStoreServer;

  before(async () => {
    store = await startStoreServer();
    for (const [index, { events }] of examples.entries()) {
      const records = events.map((event, at) => recordOf(event, `evt_${index}_${at}`, `acct_${index}`));
      await store.writer.record(records);
    }
  });

  after(() => store.close());

  async function totalsOf(query: Readonly<Record<string, string>>): Promise<readonly Total[]> {
    const { body } = await store.get(`/v1/revenue?${new URLSearchParams(query).toString()}`);
    return (body as { totals: readonly Total[] }).totals;
  }

  it("exists several times", () => {
    expect(examples.length).to.be.greaterThan(5);
  });

  for (const [index, { title, totals }] of examples.entries()) {
    const account = `acct_${index}`;

    it(`has the stated totals: ${title}`, async () => {
      for (const { month, zone, currency, ...expected } of totals) {
        const first = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 1 });
        const range = { from: first.toString(), to: first.add({ months: 1 }).toString() };
        const [total] = await totalsOf({ account, currency, timezone: zone, ...range });
        const seen = figures.map((figure) => total?.[figure].major);
        expect(seen, `${month} ${currency}`).to.deep.equal(figures.map((figure) => expected[figure]));
      }
    });

    it(`has no other currency: ${title}`, async () => {
      const currencies = (await totalsOf({ account })).map(({ currency }) => currency);
      expect(currencies).to.deep.equal([...new Set(totals.map(({ currency }) => currency))].toSorted());
    });
  }
});
