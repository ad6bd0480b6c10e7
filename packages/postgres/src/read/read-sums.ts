import type { LedgerFilter, LedgerSum, Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import {
  addTotals,
  emptyTotals,
  isZero,
  parseRollupTotals,
  type RollupTotals,
  totalsBetween,
} from "../rollup/rollup-totals.ts";
import { runRead } from "../session/run-read.ts";

// The ranges lie between edges: range 0 from edge 0 to edge 1, and so on. The sum of a range is the difference of the
// totals of the rollup at its two edges (the section Rollup of the migrations describes a row). Those are exact
// at the start of a 15-minute bucket. Each source has its own rows. What they lack is added to a range as `correction`:
//   * entries between the start of an edge's bucket and the edge, which count for the range that ends at the edge and
//     against the one that begins there;
//   * deltas that the rollup does not contain yet; or, as of a time before its watermark, what was recorded in between,
//     which is taken back.
// Totals are sent as they are stored, and only where they differ from those of the edge before. The lower bounds of
// `until` also end each index scan at that edge. Where there is about one edge per day or more, the totals of all days
// are read by one index scan, because a scan for each edge takes several times as long. They are joined by a
// full join, though each has its edge, because it cannot become a nested loop, which a plan made without knowledge of the
// values might be.
const template = `
  with chosen as materialized (
    select name as source, case when $3::text = stripe_account_id then '' else $3::text end as account
    from takings.sources
    where $5::text = '*' or name = $5::text
  ),
  edge as materialized (
    select number::integer - 1 as number, at, bucket, day, lag(bucket, 1, '-infinity') over earlier as bucket_before,
      lag(day, 1, '-infinity') over earlier as day_before
    from unnest($4::timestamptz[]) with ordinality as edge (at, number)
    cross join lateral (values (takings.bucket_start(at), takings.day_start(at))) as starts (bucket, day)
    window earlier as (order by number)
  ),
  span as materialized (
    select min(day) as first, max(day) as last, array_agg(day order by number) as days,
      case when max(day) - min(day) <= count(*) * interval '48 hours' then interval '24 hours' else interval '0' end as gap
    from edge
  ),
  totals_of_day as materialized (
    select distinct on (source, number) source, width_bucket(until - interval '1 second', days) as number, totals
    from span cross join chosen join takings.rollup using (source, account)
    where livemode = $2 and since = '-infinity' and until > first and until <= last and gap > interval '0'
    order by source, number, until desc
  ),
  since_rollup as (
    select source, bucket, currency, gross, refunded, disputed, payments, refunds, disputes
    from takings.rollup_deltas join chosen using (source{of account})
    where recorded_at <= $1::timestamptz and livemode = $2
    union all
    select source, takings.bucket_start(occurred_at), currency, effect.*
    from takings.rollup_watermark
    cross join lateral (
      select -1, livemode, source, account, currency, kind, occurred_at, amount from takings.ledger
      where recorded_at > $1::timestamptz and recorded_at <= watermark
      union all
      select -1, livemode, source, account, currency, kind, occurred_at, amount from takings.ledger_superseded
      where recorded_at > $1::timestamptz and recorded_at <= watermark
      union all
      select 1, livemode, source, account, currency, kind, occurred_at, amount from takings.ledger_superseded
      where superseded_at > $1::timestamptz and superseded_at <= watermark
    ) as change (sign, livemode, source, account, currency, kind, occurred_at, amount)
    join chosen using (source{of account})
    cross join lateral takings.effect_of(kind, amount, sign) as effect
    where livemode = $2
  ),
  part as (
    select source, number - ends as range_number, currency, effect.*
    from chosen
    cross join edge
    cross join lateral (
      select currency, kind, amount from takings.ledger_as_of($1::timestamptz) as entry
      where livemode = $2 and entry.source = chosen.source {and account} and occurred_at >= bucket and occurred_at < at
      offset 0
    ) as entry
    cross join (values (1, 1), (0, -1)) as side (ends, sign)
    cross join lateral takings.effect_of(kind, amount, sign) as effect
    where at <> bucket
    union all
    select source, width_bucket(bucket, buckets) - 1, currency, gross, refunded, disputed, payments, refunds, disputes
    from since_rollup cross join (select array_agg(bucket order by number) from edge) as span (buckets)
  )
  select source, number, coalesce(totals_of_day.totals, case when day > day_before + gap then (
      select totals from takings.rollup
      where livemode = $2 and rollup.source = chosen.source and rollup.account = chosen.account and since = '-infinity' and until > day_before and until <= day
      order by until desc limit 1
    ) end) as days, case when bucket = day then '{}' else coalesce((
      select totals from takings.rollup
      where livemode = $2 and rollup.source = chosen.source and rollup.account = chosen.account and since = day and until > bucket_before and until <= bucket
      order by until desc limit 1
    ), case when day <> day_before then '{}' end) end as buckets, null as correction
  from chosen cross join span cross join edge full join totals_of_day using (source, number)
  union all
  select source, range_number, null, null, array[(currency, sum(gross), sum(refunded), sum(disputed), sum(payments), sum(refunds),
    sum(disputes))::takings.rollup_totals]::text
  from part
  group by source, range_number, currency`;

/** One text for one account and one for all, so that plans can be kept: planning would take longer than execution. */
const texts = {
  ofOne: template
    .replaceAll("{of account}", ", account")
    .replaceAll("{and account}", "and entry.account = chosen.account"),
  ofAll: template.replaceAll("{of account}", "").replaceAll("{and account}", ""),
};

/**
 * Of one source: either an edge, with the totals of all days before its day and of the buckets of its day before its bucket
 * (`null` where they are those of the edge before), or a correction of the range of that number.
 */
const row = z.object({
  source: z.string(),
  number: z.int(),
  days: z.string().nullable(),
  buckets: z.string().nullable(),
  correction: z.string().nullable(),
});
type Row = z.output<typeof row>;

/** Before and after everything that can be in the ledger. */
const unboundedRange = { from: "4000-01-01T00:00:00Z BC", to: "200000-01-01T00:00:00Z" };

/**
 * Sums per range and currency, at a cost that does not grow with the ledger. Boundaries must ascend, and the first must be
 * where the filter begins; without boundaries everything is in range 0. In no particular order.
 * @throws TakingsError `unavailable`
 */
export async function readSums(
  pool: Pool,
  filter: LedgerFilter,
  boundaries: readonly Moment[] = [filter.from ?? unboundedRange.from],
): Promise<LedgerSum[]> {
  const account = filter.account ?? "";
  const whose = account === "*" ? "ofAll" : "ofOne";
  const rows = await runRead(pool, {
    what: "sums",
    name: `sums ${whose}`,
    text: texts[whose],
    values: [
      filter.asOf,
      filter.livemode,
      account,
      [...boundaries, filter.to ?? unboundedRange.to],
      filter.source,
    ],
    parse: (found) => row.parse(found),
  });
  const ofSources = [...Map.groupBy(rows, ({ source }) => source).values()];
  const sums: LedgerSum[] = [];
  let range = 0;
  for (const totals of addRanges(ofSources.map((ofSource) => rangesOf(ofSource, filter.currency)))) {
    for (const [currency, sum] of totals) if (!isZero(sum)) sums.push({ range, currency, ...sum });
    range += 1;
  }
  return sums;
}

/**
 * The totals of each range in all sources together. One after the other, here and below: if the thousands of totals of a
 * long series existed together, more would survive each collection of garbage, which is a fifth of the time.
 */
function* addRanges(ofSources: readonly Iterator<RollupTotals>[]): Generator<RollupTotals> {
  const [first, ...others] = ofSources;
  for (let next = first?.next(); next?.done === false; next = first?.next()) {
    yield others.reduce((sum, other) => addTotals(sum, other.next().value ?? emptyTotals, 1), next.value);
  }
}

/** The totals of one source between each edge and the next, in all currencies or in one. */
function* rangesOf(rows: readonly Row[], currency: string | undefined): Generator<RollupTotals, undefined> {
  const edges = rows.filter(({ correction }) => correction === null).toSorted((a, b) => a.number - b.number);
  const corrections = Map.groupBy(
    rows.filter(({ correction }) => correction !== null),
    ({ number }) => number,
  );
  let before: readonly [RollupTotals, RollupTotals] | undefined;
  for (const [edgeNumber, edge] of edges.entries()) {
    const [days, buckets] = before ?? [emptyTotals, emptyTotals];
    const at = [
      edge.days === null ? days : parseRollupTotals(edge.days, currency),
      edge.buckets === null ? buckets : parseRollupTotals(edge.buckets, currency),
    ] as const;
    const ofRange = corrections.get(edgeNumber - 1) ?? [];
    if (before !== undefined) {
      yield ofRange.reduce(
        (sum, { correction }) => addTotals(sum, parseRollupTotals(correction ?? "{}", currency), 1),
        totalsBetween(before, at),
      );
    }
    before = at;
  }
  return undefined;
}
