import { readdirSync, readFileSync } from "node:fs";
import { createPaymentService, deriveLedger, type EventRecord } from "@takings/domain";
import { createPaymentWriter, createPool, differencesBetween, withVerification } from "@takings/postgres";
import { createRandom, type Random } from "@takings/simulator";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

type Pool = ReturnType<typeof createPool>;

const folder = new URL("../fixtures/cases/", import.meta.url);
const payments = createPaymentService();
let runs = 0;

/** The events of a case with new ids, in a new account. */
function eventsOf(name: string): { readonly account: string; readonly events: readonly EventRecord[] } {
  const run = (runs += 1);
  const account = `acct_${run}`;
  const { events } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as {
    readonly events: readonly { readonly id: string }[];
  };
  const bodies = events.map((event) => ({ ...event, id: `${event.id}_${run}`, account }));
  const receivedAt = new Date();
  return {
    account,
    events: bodies.map((body) =>
      toEventRecord({ source: "default", body: Buffer.from(JSON.stringify(body)), receivedAt }, payments),
    ),
  };
}

/** Batches of random sizes, each event once or twice. */
function batchesOf(events: readonly EventRecord[], random: Random): readonly (readonly EventRecord[])[] {
  const deliveries = random.shuffle([...events, ...events.filter(() => random.int(0, 1) === 1)]);
  const batches: EventRecord[][] = [];
  while (deliveries.length > 0) batches.push(deliveries.splice(0, random.int(1, 4)));
  return batches;
}

describe("The store", () => {
  let database: TestDatabase;
  let pools: readonly [Pool, Pool];
  before(async () => {
    database = await testDatabase();
    const onIdleError = (): void => {};
    const open = (): Pool =>
      createPool({ url: database.writerUrl, name: "test", max: 1, statementTimeoutMs: 20_000, onIdleError });
    pools = [open(), open()];
  });
  after(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await database.drop();
  });

  /** All differences that `takings verify` looks for. */
  const differences = (): Promise<readonly string[]> =>
    withVerification(database.readerUrl, async (store) => {
      const found = (await store.checkRollup()).map(({ id, detail }) => `${id} ${detail}`);
      for await (const page of store.events())
        found.push(
          ...page.filter(({ isLinked }) => !isLinked).map(({ eventId }) => `${eventId} is not linked`),
        );
      for await (const { entries, gaps } of store.payments()) {
        found.push(
          ...entries
            .filter(
              ({ stored, derived }) => !stored || !derived || differencesBetween(stored, derived).length > 0,
            )
            .map((entry) => JSON.stringify(entry)),
        );
        found.push(
          ...gaps.filter(({ stored, derived }) => stored !== derived).map((gap) => JSON.stringify(gap)),
        );
      }
      return found;
    });

  for (const name of readdirSync(folder)) {
    it(`has the ledger of ${name} however its events are batched and distributed over two consumers`, async () => {
      const random = createRandom(name.length);
      const writers = pools.map((pool) => createPaymentWriter(pool));
      for (let run = 0; run < 6; run += 1) {
        const { account, events } = eventsOf(name);
        const lanes = writers.map((writer) => ({ writer, batches: batchesOf(events, random) }));
        await Promise.all(
          lanes.map(async ({ writer, batches }) => {
            for (const batch of batches) await writer.record(batch);
          }),
        );
        const { rows } = await pools[0].query<{ kind: string; amount: string }>(
          "select kind, amount::text from takings.ledger where account = $1",
          [account],
        );
        const expected = deriveLedger(events.flatMap(({ facts }) => facts ?? [])).entries;
        expect(rows.map(({ kind, amount }) => `${kind} ${amount}`)).to.have.members(
          expected.map(({ kind, amount }) => `${kind} ${amount}`),
        );
      }
    });
  }

  it("equals what is derived from its events again", async () => {
    expect(await differences()).to.deep.equal([]);
  });

  it("supersedes nothing if all events of an ordinary payment come in one batch", async () => {
    const { account, events } = eventsOf("31-won-then-refunded.json");
    await createPaymentWriter(pools[0]).record(events);
    const reader = createPool({
      url: database.readerUrl,
      name: "test",
      max: 1,
      statementTimeoutMs: 20_000,
      onIdleError: () => {},
    });
    const { rows } = await reader.query(
      "select id from takings.ledger_superseded where id in (select id from takings.ledger where account = $1)",
      [account],
    );
    await reader.end();
    expect(rows).to.deep.equal([]);
  });
});
