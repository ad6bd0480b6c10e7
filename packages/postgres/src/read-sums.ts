import { type EntryKind, entryKinds, type LedgerFilter, type LedgerSum, type Moment } from "@takings/domain";
import type { Pool } from "pg";
import { runRead } from "./run-read.ts";

// A bucket is what its days hold, less what the first of them holds before the bucket begins, and with what the day
// of its end holds before that end (see migration 000002): an edge between two buckets ends the one and begins the
// other. Sheets are exact to a quarter of an hour: what lies between the quarter and the edge comes from the ledger.
// To that come additions since the meter was last advanced; for moments before that, what was recorded in between
// is taken back. `offset 0` keeps the planner from turning look-ups inside out. A sum leaves as text: it may be past what a bigint holds.
const template = `
  with edge as materialized (
    select number::integer - 1 as number, at, takings.quarter_of(at) as quarter, takings.day_of(at) as day,
      takings.quarter_number(at) as quarter_number
    from unnest($4::timestamptz[]) with ordinality as edge (at, number)
  ),
  span as materialized (
    select min(quarter) as first, max(quarter) as last, array_agg(quarter order by number) as quarters,
      count(*) - 1 as buckets
    from edge
  ),
  -- The days of each bucket, but for those of whole blocks.
  bucket as materialized (
    select number, day as first, until, least(until, takings.block_of(day - interval '1 microsecond') + interval '768 hours') as first_block,
      greatest(day, takings.block_of(until)) as end_block
    from (select number, day, lead(day) over (order by number) as until from edge) as bucket
    where until is not null
  ),
  before_edge (number, currency, kind, amount, entries) as (
    select number, currency, kind, amounts[width_bucket(quarter_number - 1, quarters)],
      entries[width_bucket(quarter_number - 1, quarters)]
    from edge join takings.meter_days using (day)
    where livemode = $2 and account = $3 and quarter_number > quarters[1]
    union all
    select number, currency, kind, amount, 1
    from edge cross join lateral (
      select currency, kind, amount from takings.ledger_as_of($1::timestamptz)
      where livemode = $2 {of account} and occurred_at >= quarter and occurred_at < at
      offset 0
    ) as entry
    where at <> quarter
  ),
  since_meter (currency, kind, quarter, amount, entries) as (
    select currency, kind, quarter, amount, entries
    from takings.meter_pending
    where recorded_at <= $1::timestamptz and livemode = $2 {of account}
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
    where livemode = $2 {of account}
  ),
  part (bucket, currency, kind, amount, entries) as (
    select number, currency, kind, amount, entries
    from bucket cross join lateral (
      select currency, kind, amount, entries from takings.meter_blocks
      where livemode = $2 and account = $3 {in currency}
        and block >= first_block and block < end_block
      offset 0
    ) as block
    union all
    select number, currency, kind, amount, entries
    from (
      select number, first as since, least(first_block, until) as until from bucket
      union all
      select number, greatest(first_block, end_block), until from bucket
    ) as days cross join lateral (
      select currency, kind, amounts[cardinality(amounts)] as amount, entries[cardinality(entries)] as entries
      from takings.meter_days
      where livemode = $2 and account = $3 {in currency}
        and day >= since and day < days.until
      offset 0
    ) as day
    where since < days.until
    union all
    select number - ends, currency, kind, sign * amount, sign * entries
    from before_edge cross join (values (1, 1), (0, -1)) as side (ends, sign)
    union all
    select width_bucket(quarter, quarters) - 1, currency, kind, amount, entries
    from since_meter cross join span where quarter >= first and quarter < last
  )
  select bucket, currency, kind, sum(amount)::text as amount, sum(entries)::text as count
  from part cross join span
  where bucket >= 0 and bucket < buckets {in currency}
  group by bucket, currency, kind
  having sum(entries) <> 0 or sum(amount) <> 0`;

/** One text for each shape of question, so that its plan can be kept: planning would take longer than answering. */
function textFor({ ofAll, ofOneCurrency }: Shape): string {
  return template
    .replaceAll("{of account}", ofAll ? "" : "and account = $3")
    .replaceAll("{in currency}", ofOneCurrency ? "and currency = $5" : "");
}

type Shape = { readonly ofAll: boolean; readonly ofOneCurrency: boolean };

const kinds: ReadonlySet<string> = new Set(entryKinds);

/** By hand, because a series can have ten thousand rows. */
function parseRow(row: unknown): LedgerSum {
  const { bucket, currency, kind, amount, count } = row as Record<keyof LedgerSum, unknown>;
  if (typeof bucket !== "number" || typeof currency !== "string" || !isKind(kind)) {
    throw new Error(`a sum of an unknown kind came out of the ledger: ${JSON.stringify(row)}`);
  }
  return { bucket, currency, kind, amount: BigInt(String(amount)), count: Number(count) };
}

function isKind(kind: unknown): kind is EntryKind {
  return typeof kind === "string" && kinds.has(kind);
}

/** Before and after everything that can be in the ledger. */
const ever = { from: "4000-01-01T00:00:00Z BC", to: "200000-01-01T00:00:00Z" };

/**
 * Sums per bucket, currency and kind, at a cost that does not grow with the ledger. Boundaries must ascend, and
 * the first is where the filter begins; without boundaries everything is bucket 0. In no particular order.
 * @throws TakingsError `unavailable`
 */
export function readSums(
  pool: Pool,
  filter: LedgerFilter,
  boundaries: readonly Moment[] = [filter.from ?? ever.from],
): Promise<LedgerSum[]> {
  const edges = [...boundaries, filter.to ?? ever.to];
  const account = filter.account ?? "";
  const shape = { ofAll: account === "*", ofOneCurrency: filter.currency !== undefined };
  const values = [filter.asOf, filter.livemode, account, edges];
  return runRead(pool, {
    what: "sums",
    name: `sums ${shape.ofAll ? "of all" : "of one"} ${shape.ofOneCurrency ? "in one currency" : "in all"}`,
    text: textFor(shape),
    values: filter.currency === undefined ? values : [...values, filter.currency],
    parse: parseRow,
  });
}
