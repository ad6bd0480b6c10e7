import { type GapFilter, gapPosition, type Page } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readGaps } from "../src/read/read-gaps.ts";
import { countedReads } from "./counted-reads.ts";

const gaps = 20_000;
const few = 500;

/** As many as with an endpoint that does not receive the events of payments. */
const text = `
  insert into takings.gaps (kind, source, account, livemode, object_id, payment_intent, amount, currency, seen_at, event_id)
  select 'payment', case when n % 5 < 3 then 'default' else 'shop-' || n % 5 end, case when n % 2 = 0 then '' else 'acct_1' end, true, 'ch_' || n, 'pi_' || n, 100, 'usd',
    '2024-01-01'::timestamptz + n / 10 * interval '1 minute', 'evt_' || n
  from generate_series(1, ${gaps}) as number (n)`;

describe("a page of many gaps", () => {
  const reads = countedReads({ fill: [text], tables: ["takings.gaps"] });

  const middle = {
    time: "2024-01-01T16:40:00Z",
    id: gapPosition({ source: "default", account: null, kind: "payment", objectId: "ch_5" }),
  };
  const filters: readonly (Omit<GapFilter, "livemode"> & { readonly after: Page["after"] })[] = [
    { kind: undefined, source: "default", account: "*", after: undefined },
    { kind: "payment", source: "default", account: "acct_1", after: middle },
    { kind: undefined, source: "default", account: null, after: middle },
    { kind: undefined, source: "*", account: "*", after: middle },
    { kind: undefined, source: "*", account: "acct_1", after: middle },
  ];
  for (const { after: position, ...filter } of filters) {
    const from = position === undefined ? "the first" : "one in the middle";
    it(`reads few more than it returns: ${from}, ${JSON.stringify(filter)}`, async () => {
      const page = { limit: 100, after: position };
      let found: readonly unknown[] = [];
      const read = await reads.rowsRead(async () => {
        found = await readGaps(reads.pool, { ...filter, livemode: true }, page);
      });
      expect(found).to.have.length(100);
      expect(read).to.be.lessThan(few);
    });
  }
});
