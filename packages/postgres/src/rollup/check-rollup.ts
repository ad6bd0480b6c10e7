import type { Client } from "pg";
import { z } from "zod";
import type { Discrepancy } from "../rebuild/discrepancy.ts";

// Compares what the rollup should contain, by the ledger, with what it contains: totals as steps from one row to the next,
// and pending deltas (whose `since` is `infinity` here) with what was recorded after the watermark. A row that lacks a
// currency of the row before it would not show among the steps, so that is checked separately.
const text = `
  with change as (
    select livemode, source, account, currency, kind, occurred_at, amount, 1 as sign, recorded_at as at from takings.ledger
    union all
    select livemode, source, account, currency, kind, occurred_at, amount, 1, recorded_at from takings.ledger_superseded
    union all
    select livemode, source, account, currency, kind, occurred_at, amount, -1, superseded_at from takings.ledger_superseded
  ),
  bucket as materialized (
    select at <= watermark as is_applied, livemode, source, account, takings.bucket_start(occurred_at) as bucket, currency,
      sum(gross) as gross, sum(refunded) as refunded, sum(disputed) as disputed, sum(payments) as payments,
      sum(refunds) as refunds, sum(disputes) as disputes
    from change cross join takings.rollup_watermark cross join lateral takings.effect_of(kind, amount, sign)
    group by 1, 2, 3, 4, 5, 6
  ),
  expected as (
    select livemode, source, whose.account, since, until, currency,
      array[sum(gross), sum(refunded), sum(disputed), sum(payments), sum(refunds), sum(disputes)] as taken
    from bucket
    cross join lateral (values (bucket.account), ('*')) as whose (account)
    cross join lateral (values
      ('-infinity'::timestamptz, takings.day_start(bucket) + interval '24 hours'),
      (takings.day_start(bucket), bucket + interval '15 minutes')
    ) as span (since, until)
    where is_applied
    group by 1, 2, 3, 4, 5, 6
    union all
    select livemode, source, account, 'infinity'::timestamptz, bucket, currency,
      array[gross, refunded, disputed, payments, refunds, disputes]
    from bucket where not is_applied
  ),
  held as (
    select livemode, source, account, since, until, currency, array[
      gross - lag(gross, 1, 0) over before, refunded - lag(refunded, 1, 0) over before,
      disputed - lag(disputed, 1, 0) over before, payments - lag(payments, 1, 0::bigint) over before,
      refunds - lag(refunds, 1, 0::bigint) over before, disputes - lag(disputes, 1, 0::bigint) over before
    ] as taken
    from takings.rollup cross join lateral unnest(totals::takings.rollup_totals[])
    window before as (partition by livemode, source, account, since, currency order by until)
    union all
    select livemode, source, account, 'infinity'::timestamptz, bucket, currency,
      array[sum(gross), sum(refunded), sum(disputed), sum(payments), sum(refunds), sum(disputes)]
    from takings.rollup_deltas
    group by 1, 2, 3, 4, 5, 6
  ),
  difference as (
    select livemode, source, account, since, until, currency, 'holds ' || coalesce(held.taken, nothing)::text
      || '; the ledger has ' || coalesce(expected.taken, nothing)::text as detail
    from held full join expected using (livemode, source, account, since, until, currency)
    cross join (values (array[0, 0, 0, 0, 0, 0]::numeric[])) as zero (nothing)
    where coalesce(held.taken, nothing) <> coalesce(expected.taken, nothing)
    union all
    select livemode, source, account, since, until, currency, 'is missing, though an earlier row has it'
    from (
      select livemode, source, account, since, currency, until,
        lead(until) over (partition by livemode, source, account, since, currency order by until) as next_until
      from takings.rollup cross join lateral unnest(totals::takings.rollup_totals[])
    ) as named
    cross join lateral (
      select missing.until as left_out from takings.rollup as missing
      where missing.livemode = named.livemode and missing.source = named.source
        and missing.account = named.account and missing.since = named.since
        and missing.until > named.until and (next_until is null or missing.until < next_until)
      order by missing.until limit 1
    ) as gap
  )
  select concat_ws(' ', case when livemode then 'live' else 'test' end, nullif(source, 'default'),
    coalesce(nullif(account, ''), 'platform'), case since when '-infinity' then 'until' when 'infinity' then 'pending of' else 'that day until' end,
    until, currency
  ) as id, detail
  from difference
  order by 1
  limit 1000`;

const row = z.object({ id: z.string(), detail: z.string() });

/**
 * Compares the rollup with the ledger, in the client's open transaction, which must see one snapshot. The six numbers
 * of a discrepancy are gross, refunded, disputed, and the counts of payments, refunds and disputes.
 */
export async function checkRollup(client: Client): Promise<readonly Discrepancy[]> {
  const { rows } = await client.query(text);
  return rows.map((found) => ({ where: "rollup", ...row.parse(found) }));
}
