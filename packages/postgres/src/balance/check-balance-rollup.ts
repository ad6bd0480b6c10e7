import type { ClientBase } from "pg";
import { z } from "zod";
import type { Discrepancy } from "../rebuild/discrepancy.ts";

// Compares what the sums should contain, by the transactions, with what they contain: the blocks of the rollup and the
// totals of payouts with what was recorded up to the watermark, and pending deltas (whose level is -1 here) with what was
// recorded after it.
const text = `
  with change as materialized (
    select change.recorded_at <= watermark as is_applied, livemode, source, account, currency, reporting_category, payout,
      takings.balance_block(0, at) as block_start, sum(count) as count, sum(gross) as gross, sum(fee) as fee,
      sum(net) as net, sum(pending) as pending, sum(transit) as transit, sum(transits) as transits
    from takings.balance_watermark cross join takings.balance_changes('-infinity', 'infinity') as change
    group by 1, 2, 3, 4, 5, 6, 7, 8
  ),
  expected as (
    select livemode, source, whose.account, level, takings.balance_block(level, block_start) as start, currency, reporting_category,
      null as payout,
      array[sum(count), sum(gross), sum(fee), sum(net), sum(pending), sum(transit), sum(transits)] as sums
    from change
    cross join lateral (values (change.account), ('*')) as whose (account)
    cross join generate_series(0, 10) as level
    where is_applied and block_start is not null
    group by 1, 2, 3, 4, 5, 6, 7
    union all
    select livemode, source, account, null, null, null, reporting_category, payout,
      array[sum(count), sum(gross), sum(fee), sum(net), 0, 0, 0]
    from change where is_applied and payout is not null
    group by livemode, source, account, reporting_category, payout
    union all
    select livemode, source, account, -1, block_start, currency, reporting_category, payout,
      array[count, gross, fee, net, pending, transit, transits]
    from change where not is_applied
  ),
  held as (
    select livemode, source, account, level, start, currency, reporting_category, null as payout,
      array[count, gross, fee, net, pending, transit, transits] as sums
    from takings.balance_rollup
    union all
    select livemode, source, account, null, null, null, reporting_category, payout,
      array[count, gross, fee, net, 0, 0, 0]
    from takings.payout_totals
    union all
    select livemode, source, account, -1, takings.balance_block(0, at), currency, reporting_category, payout,
      array[sum(count), sum(gross), sum(fee), sum(net), sum(pending), sum(transit), sum(transits)]
    from takings.balance_deltas
    group by 1, 2, 3, 5, 6, 7, 8
  ),
  -- Sums of both sides with a sign, because a full join does not match null with null.
  difference as (
    select livemode, source, account, level, start, currency, reporting_category, payout,
      coalesce(max(sums) filter (where side = 'held'), nothing) as held,
      coalesce(max(sums) filter (where side = 'expected'), nothing) as expected
    from (select 'held' as side, * from held union all select 'expected', * from expected) as either
    cross join (values (array[0, 0, 0, 0, 0, 0, 0]::numeric[])) as zero (nothing)
    group by livemode, source, account, level, start, currency, reporting_category, payout, nothing
  )
  select concat_ws(' ', case when livemode then 'live' else 'test' end,
      coalesce(nullif(account, ''), 'platform'), case when source <> 'default' then 'of source ' || source end,
      case when level = -1 then 'pending of' when level is not null then 'block ' || level || ' of' end,
      start, payout, currency, reporting_category
    ) as id,
    'holds ' || held::text || '; the transactions have ' || expected::text as detail
  from difference
  where held <> expected
  order by 1
  limit 1000`;

const row = z.object({ id: z.string(), detail: z.string() });

/**
 * Compares the sums of the balance with its transactions, in the client's open transaction, which must see one snapshot.
 * The seven numbers of a discrepancy are count, gross, fee, net, pending, transit and the count of payouts in transit.
 */
export async function checkBalanceRollup(client: ClientBase): Promise<readonly Discrepancy[]> {
  const { rows } = await client.query(text);
  return rows.map((found) => ({ where: "balance rollup", ...row.parse(found) }));
}
