import type { LedgerFilter, LedgerSum, Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { addReading, emptyReading, isNothing, parseReading, type Reading } from "./meter-reading.ts";
import { runRead } from "./run-read.ts";

// What was taken in a bucket is the difference of two readings of the meter, at its end and at its beginning (see
// migration 000002). The meter is exact to a quarter of an hour: what lies between the quarter and the edge comes from
// the ledger, as `more` of the buckets on either side. So do additions since the meter was last advanced; for moments
// before that, what was recorded in between is taken back.
// Readings go out as they are stored, and only where they are not those of the edge before: the lower bound also keeps
// the index from being read further back than to that edge.
const template = `
  with edge as materialized (
    select number::integer - 1 as number, at, quarter, day, lag(quarter, 1, '-infinity') over earlier as quarter_before,
      lag(day, 1, '-infinity') over earlier as day_before
    from unnest($4::timestamptz[]) with ordinality as edge (at, number)
    cross join lateral (values (takings.quarter_of(at), takings.day_of(at))) as grain (quarter, day)
    window earlier as (order by number)
  ),
  since_meter as (
    select quarter, currency, gross, refunded, disputed, payments, refunds, disputes
    from takings.meter_pending
    where recorded_at <= $1::timestamptz and livemode = $2 {of account}
    union all
    select takings.quarter_of(occurred_at), currency, effect.*
    from takings.meter_moment
    cross join lateral (
      select -1, livemode, account, currency, kind, occurred_at, amount from takings.ledger
      where recorded_at > $1::timestamptz and recorded_at <= moment
      union all
      select -1, livemode, account, currency, kind, occurred_at, amount from takings.ledger_superseded
      where recorded_at > $1::timestamptz and recorded_at <= moment
      union all
      select 1, livemode, account, currency, kind, occurred_at, amount from takings.ledger_superseded
      where superseded_at > $1::timestamptz and superseded_at <= moment
    ) as change (sign, livemode, account, currency, kind, occurred_at, amount)
    cross join lateral takings.effect_of(kind, amount, sign) as effect
    where livemode = $2 {of account}
  ),
  part as (
    -- The edge between two buckets ends the one and begins the other.
    select number - ends as bucket, currency, effect.*
    from edge
    cross join lateral (
      select currency, kind, amount from takings.ledger_as_of($1::timestamptz)
      where livemode = $2 {of account} and occurred_at >= quarter and occurred_at < at
      offset 0
    ) as entry
    cross join (values (1, 1), (0, -1)) as side (ends, sign)
    cross join lateral takings.effect_of(kind, amount, sign) as effect
    where at <> quarter
    union all
    select width_bucket(quarter, quarters) - 1, currency, gross, refunded, disputed, payments, refunds, disputes
    from since_meter cross join (select array_agg(quarter order by number) from edge) as span (quarters)
  )
  select number, (
      select readings from takings.meter
      where livemode = $2 and account = $3 and since = '-infinity' and until > day_before and until <= day
      order by until desc limit 1
    ) as day, coalesce((
      select readings from takings.meter
      where livemode = $2 and account = $3 and since = day and until > quarter_before and until <= quarter
      order by until desc limit 1
    ), case when day <> day_before then '{}' end) as quarter, null as more
  from edge
  union all
  select bucket, null, null, array[(currency, sum(gross), sum(refunded), sum(disputed), sum(payments), sum(refunds),
    sum(disputes))::takings.reading]::text
  from part
  group by bucket, currency`;

/** One text for one account and one for all, so that a plan can be kept: planning would take longer than answering. */
const texts = {
  ofOne: template.replaceAll("{of account}", "and account = $3"),
  ofAll: template.replaceAll("{of account}", ""),
};

/** An edge with readings, `null` where they are those of the edge before; or more of the bucket of that number. */
const row = z.object({
  number: z.int(),
  day: z.string().nullable(),
  quarter: z.string().nullable(),
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
    [...taken]
      .filter(([, some]) => !isNothing(some))
      .map(([currency, some]) => ({ bucket, currency, ...some })),
  );
}

/** What was taken between each edge and the next, in all currencies or in one. */
function bucketsOf(rows: readonly Row[], only: string | undefined): Reading[] {
  const edges = rows.filter(({ more }) => more === null).toSorted((a, b) => a.number - b.number);
  const buckets: Reading[] = [];
  let [day, quarter] = [emptyReading, emptyReading];
  let before: Reading | undefined;
  for (const edge of edges) {
    if (edge.day !== null) day = parseReading(edge.day, only);
    if (edge.quarter !== null) quarter = parseReading(edge.quarter, only);
    const reading = addReading(day, quarter, 1);
    if (before !== undefined) buckets.push(addReading(reading, before, -1));
    before = reading;
  }
  for (const { number, more } of rows) {
    const known = buckets[number];
    if (more !== null && known !== undefined)
      buckets[number] = addReading(known, parseReading(more, only), 1);
  }
  return buckets;
}
