import { entryKinds, type LedgerFilter, type LedgerSum, type Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { runRead } from "./run-read.ts";

// What lies between two edges is the difference of the meter's readings there (see migration 000002); an edge
// between two buckets ends the one and begins the other. A reading is exact to a quarter of an hour: what lies
// between the quarter and the edge comes from the ledger. To that come whole blocks, and what was added since the
// meter was last advanced; for moments before that, what was recorded in between is taken back.
// A sum leaves as text: it may be past what a bigint holds.
const text = `
  with edge as materialized (
    select number::integer - 1 as number, at, takings.quarter_of(at) as quarter
    from unnest($4::timestamptz[]) with ordinality as edge (at, number)
  ),
  span as materialized (
    select min(quarter) as first, max(quarter) as last, array_agg(quarter order by number) as quarters,
      count(*) - 1 as buckets
    from edge
  ),
  reading (number, currency, kind, amount, entries) as (
    select number, currency, kind, amount, entries
    from edge
    cross join lateral (values
      (1::smallint, takings.day_of(edge.at)), (2::smallint, takings.hour_of(edge.at)), (3::smallint, quarter)
    ) as counter (level, at)
    join takings.meter on livemode = $2 and account = $3 and meter.level = counter.level and meter.at = counter.at
    union all
    select number, currency, kind, amount, 1
    from edge join takings.ledger_as_of($1::timestamptz) on occurred_at >= quarter and occurred_at < at
    where at <> quarter and livemode = $2 and ($3 = '*' or account = $3)
  ),
  since_meter (currency, kind, quarter, amount, entries) as (
    select currency, kind, quarter, amount, entries
    from takings.meter_pending
    where recorded_at <= $1::timestamptz and livemode = $2 and ($3 = '*' or account = $3)
    union all
    select currency, kind, takings.quarter_of(occurred_at), sign * amount, sign
    from takings.meter_moment cross join lateral (
      select -1, livemode, account, currency, kind, occurred_at, amount from takings.ledger
      where recorded_at > $1::timestamptz and recorded_at <= moment
      union all
      select -1, livemode, account, currency, kind, occurred_at, amount from takings.ledger_superseded
      where recorded_at > $1::timestamptz and recorded_at <= moment
      union all
      select 1, livemode, account, currency, kind, occurred_at, amount from takings.ledger_superseded
      where superseded_at > $1::timestamptz and superseded_at <= moment
    ) as change (sign, livemode, account, currency, kind, occurred_at, amount)
    where livemode = $2 and ($3 = '*' or account = $3)
  ),
  part (bucket, currency, kind, amount, entries) as (
    select number, currency, kind, amount, entries
    from (select number, at, lead(at) over (order by number) as until from edge) as bucket
    join takings.meter on livemode = $2 and account = $3 and level = 0
      and meter.at >= takings.block_of(bucket.at) and meter.at < takings.block_of(until)
    union all
    select number - ends, currency, kind, sign * amount, sign * entries
    from reading cross join (values (1, 1), (0, -1)) as side (ends, sign)
    union all
    select width_bucket(quarter, quarters) - 1, currency, kind, amount, entries
    from since_meter cross join span where quarter >= first and quarter < last
  )
  select bucket, currency, kind, sum(amount)::text as amount, sum(entries)::text as count
  from part cross join span
  where bucket >= 0 and bucket < buckets and ($5::text is null or currency = $5)
  group by bucket, currency, kind
  having sum(entries) <> 0 or sum(amount) <> 0
  order by bucket, currency, kind`;

const sumRow = z.object({
  bucket: z.number(),
  currency: z.string(),
  kind: z.enum(entryKinds),
  amount: z.string().transform(BigInt),
  count: z.string().transform(Number),
});

/** Before and after everything that can be in the ledger. */
const ever = { from: "4000-01-01T00:00:00Z BC", to: "200000-01-01T00:00:00Z" };

/**
 * Sums per bucket, currency and kind, at a cost that does not grow with the ledger. Boundaries must ascend, and
 * the first is where the filter begins; without boundaries everything is bucket 0.
 * @throws TakingsError `unavailable`
 */
export function readSums(
  pool: Pool,
  filter: LedgerFilter,
  boundaries: readonly Moment[] = [filter.from ?? ever.from],
): Promise<LedgerSum[]> {
  const edges = [...boundaries, filter.to ?? ever.to];
  const values = [filter.asOf, filter.livemode, filter.account ?? "", edges, filter.currency ?? null];
  return runRead(pool, { what: "sums", text, values, parse: (row): LedgerSum => sumRow.parse(row) });
}
