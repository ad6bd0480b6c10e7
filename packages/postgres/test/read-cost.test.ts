import type { LedgerFilter } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readChanges } from "../src/read/read-changes.ts";
import { readEntries } from "../src/read/read-entries.ts";
import { readExtent } from "../src/read/read-extent.ts";
import { readSafeReadTime } from "../src/record/recorded-time.ts";
import { countedReads } from "./counted-reads.ts";

const entries = 20_000;
const few = 500;

/**
 * One currency per account, so that what is frequent in one is absent in the other. Half is of the source `default`; one
 * source has ten entries, the last of all, which a read in the order of time would find at its end.
 */
const text = `
  insert into takings.ledger (id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id,
    recorded_at)
  select 'le_' || md5(n::text), 'payment',
    case when n > ${entries} - 10 then 'rare' when n % 4 < 2 then 'default' else 'shop-' || n / 4 % 3 end, account, true,
    'pi_' || n, 100, case when account = '' then 'usd' else 'eur' end, at, 'evt_' || n, now() - interval '1 minute'
  from generate_series(1, ${entries}) as number (n)
  cross join lateral (values (case when n % 2 = 0 then '' else 'acct_1' end, '2024-01-01'::timestamptz + n * interval '1 minute'))
    as made (account, at)`;

const registered = `
  insert into takings.sources (name, stripe_account_id)
  values ('shop-0', null), ('shop-1', null), ('shop-2', null), ('rare', 'acct_own')`;

const questions: readonly Partial<LedgerFilter>[] = [
  {},
  { account: "*" },
  { account: "acct_nobody" },
  { currency: "zzz" },
  { currency: "zzz", account: "*" },
  { currency: "eur" },
  { currency: "usd", account: "acct_1" },
  { currency: "usd", account: "*" },
  { livemode: false, currency: "usd" },
  { source: "rare" },
  { source: "rare", account: "*" },
  { source: "rare", account: "acct_own" },
  { source: "nobody", account: "*" },
  { source: "*" },
  { source: "*", account: "*" },
  { source: "*", account: "acct_own", currency: "usd" },
  { source: "*", currency: "eur" },
];

describe("a query on a large ledger", () => {
  const reads = countedReads({ fill: [text, registered], tables: ["takings.ledger"] });

  async function filterOf(different: Partial<LedgerFilter>): Promise<LedgerFilter> {
    const everything = { from: undefined, to: undefined, currency: undefined };
    const platform = { livemode: true, source: "default", account: null };
    return { ...everything, ...platform, asOf: await readSafeReadTime(reads.pool), ...different };
  }

  for (const different of questions) {
    it(`${JSON.stringify(different)} reads no more entries than a page of each source contains, and few for the extent`, async () => {
      const sources = different.source === "*" ? 5 : 1;
      const filter = await filterOf(different);
      const page = await reads.rowsRead(() =>
        readEntries(reads.pool, filter, { limit: 100, after: undefined }),
      );
      const newest = await reads.rowsRead(() =>
        readEntries(reads.pool, filter, { limit: 100, after: undefined, order: "desc" }),
      );
      const extent = await reads.rowsRead(() => readExtent(reads.pool, filter));
      expect([page, newest, extent].filter((read) => read > few * sources)).to.deep.equal([]);
    });
  }

  it("for the changes of an account that has none reads few entries", async () => {
    const filter = await filterOf({ account: "acct_nobody" });
    const page = { limit: 100, after: undefined };
    expect(
      await reads.rowsRead(() => readChanges(reads.pool, filter, "2020-01-01T00:00:00Z", page)),
    ).to.be.at.most(few);
  });
});
