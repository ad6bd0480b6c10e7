import type { Client } from "pg";
import { z } from "zod";
import type { Discrepancy } from "./recount.ts";

// What the ledger says that the meter should hold, by quarter of an hour, against what it does hold: sheets as steps,
// blocks as they are, and what is pending against what was recorded since the meter was last advanced.
const text = `
  with change as (
    select livemode, account, currency, kind, occurred_at, amount, 1 as entry, recorded_at as at from takings.ledger
    union all
    select livemode, account, currency, kind, occurred_at, amount, 1, recorded_at from takings.ledger_superseded
    union all
    select livemode, account, currency, kind, occurred_at, -amount, -1, superseded_at from takings.ledger_superseded
  ),
  expected as (
    select case when at <= moment then 'sheets' else 'pending' end as place, livemode, whose.account, currency, kind,
      takings.quarter_of(occurred_at) as period, sum(amount) as amount, sum(entry) as entries
    from change cross join takings.meter_moment
    cross join lateral (values (change.account), ('*')) as whose (account)
    where at <= moment or whose.account <> '*'
    group by 1, 2, 3, 4, 5, 6
    union all
    select 'blocks', livemode, whose.account, currency, kind, takings.block_of(occurred_at), sum(amount), sum(entry)
    from change cross join takings.meter_moment
    cross join lateral (values (change.account), ('*')) as whose (account)
    where at <= moment
    group by 2, 3, 4, 5, 6
  ),
  held as (
    select 'sheets' as place, livemode, account, currency, kind, day + number * interval '15 minutes' as period,
      amount - lag(amount, 1, 0) over sheet as amount, entry - lag(entry, 1, 0::bigint) over sheet as entries
    from takings.meter_days cross join lateral unnest(quarters, amounts, entries) as step (number, amount, entry)
    window sheet as (partition by livemode, account, day, currency, kind order by number)
    union all
    select 'blocks', livemode, account, currency, kind, block, amount, entries from takings.meter_blocks
    union all
    select 'pending', livemode, account, currency, kind, quarter, sum(amount), sum(entries)
    from takings.meter_pending group by 2, 3, 4, 5, 6
  )
  select concat_ws(' ', place, case when livemode then 'live' else 'test' end,
      case account when '' then 'platform' else account end, currency, kind, period) as id,
    coalesce(held.amount, 0)::text as held_amount, coalesce(held.entries, 0)::text as held_entries,
    coalesce(expected.amount, 0)::text as amount, coalesce(expected.entries, 0)::text as entries
  from held full join expected using (place, livemode, account, currency, kind, period)
  where coalesce(held.amount, 0) <> coalesce(expected.amount, 0)
    or coalesce(held.entries, 0) <> coalesce(expected.entries, 0)
  order by 1
  limit 1000`;

const row = z.object({
  id: z.string(),
  held_amount: z.string(),
  held_entries: z.string(),
  amount: z.string(),
  entries: z.string(),
});

/** Compares the meter with the ledger, in the client's open transaction, which must see one snapshot. */
export async function checkMeter(client: Client): Promise<readonly Discrepancy[]> {
  const { rows } = await client.query(text);
  return rows.map((found) => {
    const { id, held_amount, held_entries, amount, entries } = row.parse(found);
    const detail = `holds ${held_amount} in ${held_entries} entries; the ledger has ${amount} in ${entries}`;
    return { where: "meter", id, detail };
  });
}
