import type { BalanceReader } from "@takings/domain";
import type { Pool } from "pg";
import { readBalanceCompleteness, readQuarantinedReadings } from "./read-balance-completeness.ts";
import { readActivity, readBalances } from "./read-balance-sums.ts";
import { readBalanceTransactions } from "./read-balance-transactions.ts";
import { readPayout, readPayouts } from "./read-payouts.ts";

/** Creates the reader over a pool with the role `takings_reader`. Every method may throw TakingsError `unavailable`. */
export function createBalanceReader(pool: Pool): BalanceReader {
  return {
    balances: (scope, at) => readBalances(pool, scope, at),
    activity: (scope, range) => readActivity(pool, scope, range),
    transactions: (filter, page) => readBalanceTransactions(pool, filter, page),
    payouts: (filter, page) => readPayouts(pool, filter, page),
    payout: (id, scope) => readPayout(pool, id, scope),
    completeness: () => readBalanceCompleteness(pool),
    quarantined: (scope) => readQuarantinedReadings(pool, scope),
  };
}
