import type { LedgerFilter, LedgerSum, Moment } from "@takings/domain";
import type { Pool } from "pg";
import { runRead } from "./run-read.ts";

// What was taken in a bucket is the difference of two readings of the meter, at its end and at its beginning (see
// migration 000002). The meter is exact to a quarter of an hour: what lies between the quarter and the edge comes from
// the ledger. To that come additions since the meter was last advanced; for moments before that, what was recorded in
// between is taken back. Sums leave as text: they may be past what a bigint holds.
const template = `
  with edge as materialized (
    select number::integer - 1 as number, at, takings.quarter_of(at) as quarter, takings.day_of(at) as day
    from unnest($4::timestamptz[]) with ordinality as edge (at, number)
  ),
  span as materialized (
    select array_agg(quarter order by number) as quarters, min(quarter) as first, max(quarter) as last,
      count(*) - 1 as buckets
    from edge
  ),
  at_edge as (
    select number, reading.*
    from edge
    cross join lateral (
      (
        select readings from takings.meter
        where livemode = $2 and account = $3 and since = '-infinity' and until <= day
        order by until desc limit 1
      )
      union all
      (
        select readings from takings.meter
        where livemode = $2 and account = $3 and since = day and until <= quarter
        order by until desc limit 1
      )
    ) as known
    cross join lateral unnest(readings) as reading
    union all
    select number, currency, effect.*
    from edge
    cross join lateral (
      select currency, kind, amount from takings.ledger_as_of($1::timestamptz)
      where livemode = $2 {of account} and occurred_at >= quarter and occurred_at < at
      offset 0
    ) as entry
    cross join lateral takings.effect_of(kind, amount, 1) as effect
    where at <> quarter
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
    select number - ends as bucket, currency, sign * gross as gross, sign * refunded as refunded,
      sign * disputed as disputed, sign * payments as payments, sign * refunds as refunds, sign * disputes as disputes
    from at_edge cross join (values (1, 1), (0, -1)) as side (ends, sign)
    {in currency}
    union all
    select width_bucket(quarter, quarters) - 1, currency, gross, refunded, disputed, payments, refunds, disputes
    from since_meter cross join span
    where quarter >= first and quarter < last {and currency}
  )
  select bucket, currency, sum(gross)::text as gross, sum(refunded)::text as refunded, sum(disputed)::text as disputed,
    sum(payments)::text as payments, sum(refunds)::text as refunds, sum(disputes)::text as disputes
  from part cross join span
  where bucket >= 0 and bucket < buckets
  group by bucket, currency
  having (sum(gross), sum(refunded), sum(disputed), sum(payments), sum(refunds), sum(disputes)) <> (0, 0, 0, 0, 0, 0)`;

/** One text for each shape of question, so that its plan can be kept: planning would take longer than answering. */
function textFor({ ofAll, ofOneCurrency }: Shape): string {
  return template
    .replaceAll("{of account}", ofAll ? "" : "and account = $3")
    .replaceAll("{in currency}", ofOneCurrency ? "where currency = $5" : "")
    .replaceAll("{and currency}", ofOneCurrency ? "and currency = $5" : "");
}

type Shape = { readonly ofAll: boolean; readonly ofOneCurrency: boolean };

/** By hand, because a series can have ten thousand rows. */
function parseRow(row: unknown): LedgerSum {
  const { bucket, currency, ...taken } = row as Record<keyof LedgerSum, unknown>;
  if (typeof bucket !== "number" || typeof currency !== "string") {
    throw new Error(`a sum of an unknown form came out of the meter: ${JSON.stringify(row)}`);
  }
  return {
    bucket,
    currency,
    gross: BigInt(String(taken.gross)),
    refunded: BigInt(String(taken.refunded)),
    disputed: BigInt(String(taken.disputed)),
    payments: Number(taken.payments),
    refunds: Number(taken.refunds),
    disputes: Number(taken.disputes),
  };
}

/** Before and after everything that can be in the ledger. */
const ever = { from: "4000-01-01T00:00:00Z BC", to: "200000-01-01T00:00:00Z" };

/**
 * Sums per bucket and currency, at a cost that does not grow with the ledger. Boundaries must ascend, and the first is
 * where the filter begins; without boundaries everything is bucket 0. In no particular order.
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
