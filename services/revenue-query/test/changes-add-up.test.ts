import { entryKinds } from "@takings/domain";
import { eventWithEntry, type EntryFields } from "@takings/testkit";
import { expect } from "chai";
import * as fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";
import { differenceOf, effectsOf, type StatedChange } from "./change-figures.ts";

/** More of them: FUZZ_CASES. */
const cases = Number(process.env["FUZZ_CASES"] ?? 30);

const day = (index: number): string => new Date(Date.UTC(2024, 2, 1 + index)).toISOString();

/** Few objects, days and currencies, so that most events affect an entry that exists already. */
const entryFields = fc
  .record({
    object: fc.integer({ min: 0, max: 3 }),
    kind: fc.constantFrom(...entryKinds),
    size: fc.integer({ min: 1, max: 1_000 }),
    currency: fc.constantFrom("usd", "usd", "eur"),
    day: fc.integer({ min: 0, max: 9 }),
    account: fc.constantFrom(null, null, "acct_1"),
    names: fc.boolean(),
  })
  .map(({ object, kind, size, currency, day: at, account, names }): Omit<EntryFields, "eventId"> => {
    const isTaken = kind === "refund" || kind === "dispute";
    return {
      objectId: `ob_${object}`,
      kind,
      amount: BigInt(isTaken ? -size : size),
      currency,
      at: day(at),
      account,
      paymentIntent: names ? `pi_${object}` : null,
    };
  });

const bound = fc.option(
  fc.integer({ min: 0, max: 10 }).map((index) => day(index)),
  { nil: undefined },
);

const revenueQuery = fc.record({
  range: fc.tuple(bound, bound),
  currency: fc.constantFrom(undefined, "usd", "eur"),
  account: fc.constantFrom(undefined, "acct_1", "*"),
  limit: fc.constantFrom(1, 2, 7, 1_000),
  since: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

type RevenueQuery = typeof revenueQuery extends fc.Arbitrary<infer Value> ? Value : never;

describe("the effects of changes", () => {
  let service: TestStoreServer;
  let run = 0;

  before(async () => {
    service = await startStoreServer();
  });

  after(() => service.close());

  async function fetchJson<Body>(path: string, query: Readonly<Record<string, string>>): Promise<Body> {
    const { status, body } = await service.get(`${path}?${new URLSearchParams(query).toString()}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Body;
  }

  async function allChanges(query: Readonly<Record<string, string>>): Promise<StatedChange[]> {
    const all: StatedChange[] = [];
    let cursor: string | null = null;
    do {
      const next: Record<string, string> = cursor === null ? {} : { cursor };
      const page: { changes: StatedChange[]; next_cursor: string | null } = await fetchJson(
        "/v1/revenue/changes",
        {
          ...query,
          ...next,
        },
      );
      all.push(...page.changes);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return all;
  }

  function queryOf({ range, currency, account }: RevenueQuery): Record<string, string> {
    const [a, b] = range;
    const [from, to] = a !== undefined && b !== undefined && a > b ? [b, a] : [a, b];
    return {
      ...(from && { from }),
      ...(to && { to }),
      ...(currency && { currency }),
      ...(account && { account }),
    };
  }

  it("add up to the difference of the totals, for any recordings, period, range and filter", async () => {
    type Totals = { readonly totals: Parameters<typeof differenceOf>[0]; readonly as_of: string };
    const batches = fc.array(fc.array(entryFields, { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        batches,
        fc.array(revenueQuery, { minLength: 3, maxLength: 3 }),
        async (recorded, queries) => {
          run += 1;
          const readTimes = [await service.reader.safeReadTime()];
          for (const [index, batch] of recorded.entries()) {
            await service.writer.record(
              batch.map((one, at) =>
                eventWithEntry({
                  ...one,
                  objectId: `${one.objectId}_${run}`,
                  eventId: `evt_${run}_${index}_${at}`,
                }),
              ),
            );
            readTimes.push(await service.reader.safeReadTime());
            // Totals come from the rollup as far as it has advanced, and must not depend on how far that is.
            if (index % 3 === 1)
              await service.asSuperuser("select takings.apply_rollup_deltas('0 seconds', 5000)");
          }
          for (const query of queries) {
            const filter = queryOf(query);
            const since = readTimes[Math.floor(query.since * readTimes.length)] ?? "";
            const then = await fetchJson<Totals>("/v1/revenue", { ...filter, as_recorded_at: since });
            const now = await fetchJson<Totals>("/v1/revenue", filter);
            const changes = await allChanges({
              ...filter,
              since,
              as_recorded_at: now.as_of,
              limit: String(query.limit),
            });
            expect(effectsOf(changes)).to.deep.equal(differenceOf(then.totals, now.totals));
            expect(
              new Set(
                changes.map(({ entry_id, recorded_at, currency }) => entry_id + recorded_at + currency),
              ),
            ).to.have.property("size", changes.length);
          }
        },
      ),
      { numRuns: cases },
    );
  }).timeout(120_000);
});
