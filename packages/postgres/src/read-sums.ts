import type { LedgerFilter, LedgerSum, Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { addTotals, emptyTotals, isZero, parseRollupTotals, type RollupTotals } from "./rollup-totals.ts";
import { runRead } from "./run-read.ts";

// What was taken in a bucket is the difference of two totals of the rollup, at its end and at its beginning (see
// migration 000002). The rollup is exact to a bucket of an hour: what lies between the bucket and the edge comes from
// the ledger, as `more` of the buckets on either side. So do additions since the rollup was last advanced; for moments
// before that, what was recorded in between is taken back.
// Readings go out as they are stored, and only where they are not those of the edge before: the lower bound also keeps
// the index from being read further back than to that edge.
const template = `
  with edge as materialized (
    select number::integer - 1 as number, at, bucket, day, lag(bucket, 1, '-infinity') over earlier as bucket_before,
      lag(day, 1, '-infinity') over earlier as day_before
    from unnest($4::timestamptz[]) with ordinality as edge (at, number)
    cross join lateral (values (takings.bucket_start(at), takings.day_start(at))) as grain (bucket, day)
    window earlier as (order by number)
  ),
  since_rollup as (
    select bucket, currency, gross, refunded, disputed, payments, refunds, disputes
    from takings.rollup_deltas
    where recorded_at <= $1::timestamptz and livemode = $2 {of account}
    union all
    select takings.bucket_start(occurred_at), currency, effect.*
    from takings.rollup_watermark
    cross join lateral (
      select -1, livemode, account, currency, kind, occurred_at, amount from takings.ledger
      where recorded_at > $1::timestamptz and recorded_at <= watermark
      union all
      select -1, livemode, account, currency, kind, occurred_at, amount from takings.ledger_superseded
      where recorded_at > $1::timestamptz and recorded_at <= watermark
      union all
      select 1, livemode, account, currency, kind, occurred_at, amount from takings.ledger_superseded
      where superseded_at > $1::timestamptz and superseded_at <= watermark
    ) as change (sign, livemode, account, currency, kind, occurred_at, amount)
    cross join lateral takings.effect_of(kind, amount, sign) as effect
    where livemode = $2 {of account}
  ),
  part as (
    -- The edge between two buckets ends the one and begins the other.
    select number - ends as range_number, currency, effect.*
    from edge
    cross join lateral (
      select currency, kind, amount from takings.ledger_as_of($1::timestamptz)
      where livemode = $2 {of account} and occurred_at >= bucket and occurred_at < at
      offset 0
    ) as entry
    cross join (values (1, 1), (0, -1)) as side (ends, sign)
    cross join lateral takings.effect_of(kind, amount, sign) as effect
    where at <> bucket
    union all
    select width_bucket(bucket, buckets) - 1, currency, gross, refunded, disputed, payments, refunds, disputes
    from since_rollup cross join (select array_agg(bucket order by number) from edge) as span (buckets)
  )
  select number, (
      select totals from takings.rollup
      where livemode = $2 and account = $3 and since = '-infinity' and until > day_before and until <= day
      order by until desc limit 1
    ) as day, coalesce((
      select totals from takings.rollup
      where livemode = $2 and account = $3 and since = day and until > bucket_before and until <= bucket
      order by until desc limit 1
    ), case when day <> day_before then '{}' end) as bucket, null as more
  from edge
  union all
  select range_number, null, null, array[(currency, sum(gross), sum(refunded), sum(disputed), sum(payments), sum(refunds),
    sum(disputes))::takings.rollup_totals]::text
  from part
  group by range_number, currency`;

/** One text for one account and one for all, so that a plan can be kept: planning would take longer than answering. */
const texts = {
  ofOne: template.replaceAll("{of account}", "and account = $3"),
  ofAll: template.replaceAll("{of account}", ""),
};

/** An edge with totals, `null` where they are those of the edge before; or more of the bucket of that number. */
const row = z.object({
  number: z.int(),
  day: z.string().nullable(),
  bucket: z.string().nullable(),
  more: z.string().nullable(),
});
type Row = z.output<typeof row>;

/** Before and after everything that can be in the ledger. */
const ever = { from: "4000-01-01T00:00:00Z BC", to: "200000-01-01T00:00:00Z" };

/**
 * Sums per bucket and currency, at a cost that does not grow with the ledger. Boundaries must ascend, and the first is
 * where the filter begins; without boundaries everything is bucket 0. In no particular order.
 * @throws TakingsError `unavailable`
 */
export async function readSums(
  pool: Pool,
  filter: LedgerFilter,
  boundaries: readonly Moment[] = [filter.from ?? ever.from],
): Promise<LedgerSum[]> {
  const account = filter.account ?? "";
  const whose = account === "*" ? "ofAll" : "ofOne";
  const rows = await runRead(pool, {
    what: "sums",
    name: `sums ${whose}`,
    text: texts[whose],
    values: [filter.asOf, filter.livemode, account, [...boundaries, filter.to ?? ever.to]],
    parse: (found) => row.parse(found),
  });
  return bucketsOf(rows, filter.currency).flatMap((taken, bucket) =>
    [...taken].filter(([, some]) => !isZero(some)).map(([currency, some]) => ({ bucket, currency, ...some })),
  );
}

/** What was taken between each edge and the next, in all currencies or in one. */
function bucketsOf(rows: readonly Row[], only: string | undefined): RollupTotals[] {
  const edges = rows.filter(({ more }) => more === null).toSorted((a, b) => a.number - b.number);
  const buckets: RollupTotals[] = [];
  let [day, bucket] = [emptyTotals, emptyTotals];
  let before: RollupTotals | undefined;
  for (const edge of edges) {
    if (edge.day !== null) day = parseRollupTotals(edge.day, only);
    if (edge.bucket !== null) bucket = parseRollupTotals(edge.bucket, only);
    const totals = addTotals(day, bucket, 1);
    if (before !== undefined) buckets.push(addTotals(totals, before, -1));
    before = totals;
  }
  for (const { number, more } of rows) {
    const known = buckets[number];
    if (more !== null && known !== undefined)
      buckets[number] = addTotals(known, parseRollupTotals(more, only), 1);
  }
  return buckets;
}
