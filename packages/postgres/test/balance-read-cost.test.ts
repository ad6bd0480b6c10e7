import type { BalanceTransactionFilter } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readBalanceTransactions } from "../src/balance/read-balance-transactions.ts";
import { readSafeReadTime } from "../src/record/recorded-time.ts";
import { countedReads } from "./counted-reads.ts";

/** Of each of two sources. */
const transactions = 20_000;
const page = 100;

/**
 * In the second half `eur` and `fee` begin, and on the platform `gbp` and `transfer`, which a connected account has all
 * along. So each is frequent, and the planner may expect to find it soon.
 */
const text = `
  insert into takings.balance_transactions (id, source, account, livemode, type, reporting_category, currency, gross, fee, net,
    created, available_on, effective_at, event_id, said_at, said_received_at, recorded_at)
  select 'txn_' || n, source, account, true, category, category, currency, 100, 3, 97, at, at, at, 'evt_' || n, at, at,
    now() - interval '1 minute'
  from generate_series(1, ${transactions}) as number (n)
  cross join (values ('default'), ('shop')) as sources (source)
  cross join lateral (values (
    case when n % 3 = 0 then 'acct_1' else '' end, n > ${transactions / 2},
    '2024-01-01'::timestamptz + n * interval '1 minute'
  )) as made (account, is_late, at)
  cross join lateral (values (
    case when n % 3 = 0 then 'transfer' when is_late then (array['charge', 'fee', 'transfer'])[1 + n / 3 % 3] else 'charge' end,
    case when n % 3 = 0 then 'gbp' when is_late then (array['usd', 'eur', 'gbp'])[1 + n / 9 % 3] else 'usd' end
  )) as kind (category, currency)`;

const questions: readonly Partial<BalanceTransactionFilter>[] = [
  {},
  { account: "*" },
  { source: "shop" },
  { source: "*" },
  { source: "*", account: "*" },
  { source: "*", account: "acct_1" },
  { source: "*", currency: "eur" },
  { source: "*", reportingCategories: ["fee", "payout"], account: "*" },
  { currency: "eur" },
  { currency: "eur", account: "*" },
  { currency: "gbp" },
  { currency: "zzz" },
  { currency: "eur", reportingCategories: ["charge"], account: "*" },
  { reportingCategories: ["fee"] },
  { reportingCategories: ["transfer"] },
  { reportingCategories: ["fee", "payout"] },
  { reportingCategories: ["fee", "payout"], account: "*" },
  { reportingCategories: ["fee", "transfer"] },
  { currency: "eur", reportingCategories: ["fee", "charge"], account: "*" },
];

describe("a page of a large balance ledger", () => {
  const fill = ["insert into takings.sources (name) values ('shop')", text];
  const reads = countedReads({ fill, tables: ["takings.balance_transactions"] });

  for (const different of questions) {
    it(`${JSON.stringify(different)} reads few rows besides its own`, async () => {
      const everything = {
        from: undefined,
        to: undefined,
        currency: undefined,
        livemode: true,
        source: "default",
        account: null,
      };
      const others = { reportingCategories: undefined, payout: undefined, balanceType: undefined };
      const filter = { ...everything, ...others, asOf: await readSafeReadTime(reads.pool), ...different };
      const read = await reads.rowsRead(() =>
        readBalanceTransactions(reads.pool, filter, { limit: page, after: undefined }),
      );
      const categories = different.reportingCategories?.length ?? 1;
      const sources = different.source === "*" ? 2 : 1;
      expect(read).to.be.below(sources * categories * page * 3);
    });
  }
});
