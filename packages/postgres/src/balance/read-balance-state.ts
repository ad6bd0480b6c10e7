import type { LedgerScope } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { runRead } from "../session/run-read.ts";

/** What gauges show of the balance ledger. */
export type BalanceState = {
  /** Every scope that was ever to be read. */
  readonly scopes: readonly (LedgerScope & {
    /** Seconds since 1970; `undefined` while no round has finished. */
    readonly completeThrough: number | undefined;
  })[];
  /** The number of payouts that their members do not add up to, for each source and mode of these scopes. */
  readonly unexplained: readonly {
    readonly source: string;
    readonly livemode: boolean;
    readonly payouts: number;
  }[];
};

const scopesText = `
  select source, nullif(account, '') as account, livemode,
    extract(epoch from complete_through)::float8 as complete_through
  from takings.balance_syncs`;

const scopeRow = z
  .object({
    source: z.string(),
    account: z.string().nullable(),
    livemode: z.boolean(),
    complete_through: z.number().nullable(),
  })
  .transform(({ complete_through: through, ...scope }) => ({
    ...scope,
    completeThrough: through ?? undefined,
  }));

// A payout's members are committed before the reading that states how many they are. So once the totals include that
// reading's recorded time, they include its members. Older payouts are left out, so that the cost has a bound.
const unexplainedText = `
  select synced.source, synced.livemode, (
    select count(*)
    from takings.payouts as payout
    where payout.livemode = synced.livemode and payout.source = synced.source
      and arrival_date > now() - interval '90 days'
      and automatic and reconciliation_status = 'completed' and members is not null
      and recorded_at <= (select watermark from takings.balance_watermark)
      and amount <> (
        select coalesce(sum(net), 0)
        from takings.payout_totals as total
        where total.payout = payout.id and total.source = payout.source and total.account = payout.account
          and total.livemode = payout.livemode
      )
  )::float8 as payouts
  from (select distinct source, livemode from takings.balance_syncs) as synced`;

const unexplainedRow = z.object({ source: z.string(), livemode: z.boolean(), payouts: z.number() });

/**
 * How far each scope is complete, and how many payouts that arrived in the last 90 days are unexplained.
 * @throws TakingsError `unavailable`
 */
export async function readBalanceState(pool: Pool): Promise<BalanceState> {
  const what = "the state of the balance ledger";
  const [scopes, unexplained] = await Promise.all([
    runRead(pool, { what, text: scopesText, values: [], parse: (row) => scopeRow.parse(row) }),
    runRead(pool, { what, text: unexplainedText, values: [], parse: (row) => unexplainedRow.parse(row) }),
  ]);
  return { scopes, unexplained };
}
