import type { Pool } from "pg";
import { z } from "zod";
import { runRead } from "../session/run-read.ts";

/** How far the sums that are kept are behind what is stored. */
export type RollupLag = {
  /** The age of the oldest change that is not added up, by the clock of the database; 0 when there is none. */
  readonly ledgerSeconds: number;
  readonly balanceSeconds: number;
};

const lagText = `
  select coalesce((select extract(epoch from now() - min(recorded_at)) from takings.rollup_deltas), 0)::float8 as ledger,
    coalesce((select extract(epoch from now() - min(recorded_at)) from takings.balance_deltas), 0)::float8 as balance`;
const lagRow = z.object({ ledger: z.number(), balance: z.number() });

/** Needs the role `takings_reader`. @throws TakingsError `unavailable` */
export async function readRollupLag(pool: Pool): Promise<RollupLag> {
  const parse = (row: unknown): RollupLag => {
    const { ledger, balance } = lagRow.parse(row);
    return { ledgerSeconds: ledger, balanceSeconds: balance };
  };
  const [lag] = await runRead(pool, { what: "the rollup's lag", text: lagText, values: [], parse });
  if (lag === undefined) throw new Error("PostgreSQL returned no row for the rollup's lag");
  return lag;
}
