-- The rollup: what the ledger adds up to, kept so that the cost of an answer does not grow with the ledger.
--
-- It holds totals, each of them what was taken from an instant `since` up to an instant `until`. One row of totals
-- runs from the beginning of time to the end of each day (UTC), one from the beginning of each day to the end of each
-- bucket of an hour, both only where something went through. 15 minutes are fine enough for the calendar of every time
-- zone. So whatever the ledger holds, what was taken up to an instant is two rows, with what the ledger itself has
-- between that bucket and that instant, and what was taken in a period is the difference of two such totals.

create function takings.bucket_start(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('15 minutes', at, '2000-01-01 00:00:00Z');
create function takings.day_start(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('24 hours', at, '2000-01-01 00:00:00Z');

-- What an entry does to the totals, and what taking it back does (`sign` is -1 then). The totals are positive where
-- money was taken, given back or withdrawn; counts ignore reversals. This is the one place where that is said.
create function takings.effect_of(kind text, amount numeric, sign integer)
returns table (gross numeric, refunded numeric, disputed numeric, payments bigint, refunds bigint, disputes bigint)
language sql immutable parallel safe
begin atomic
  select
    case when kind = 'payment' then sign * amount else 0 end,
    case when kind in ('refund', 'refund_reversal') then -sign * amount else 0 end,
    case when kind in ('dispute', 'dispute_reversal') then -sign * amount else 0 end,
    (case when kind = 'payment' then sign else 0 end)::bigint,
    (case when kind = 'refund' then sign else 0 end)::bigint,
    (case when kind = 'dispute' then sign else 0 end)::bigint;
end;

-- What each batch added, by bucket. Writers only insert here, so they never wait for one another.
create table takings.rollup_deltas (
  recorded_at timestamptz not null,
  livemode boolean not null,
  account text not null,
  bucket timestamptz not null,
  currency text not null,
  -- Numeric, because a sum of amounts can leave the range in which each of them lies.
  gross numeric not null,
  refunded numeric not null,
  disputed numeric not null,
  payments bigint not null,
  refunds bigint not null,
  disputes bigint not null
);

create index rollup_deltas_by_time on takings.rollup_deltas (recorded_at);

create type takings.rollup_totals as (
  currency text,
  gross numeric,
  refunded numeric,
  disputed numeric,
  payments bigint,
  refunds bigint,
  disputes bigint
);

create table takings.rollup (
  livemode boolean not null,
  -- '*' is all accounts together, the platform's among them.
  account text not null,
  since timestamptz not null,
  until timestamptz not null,
  -- A takings.rollup_totals[], one for each currency in which something went through, in their order. As text, because that
  -- is how it goes out: to write it anew for every question would cost more than all the rest, and it is smaller.
  totals text not null,
  primary key (livemode, account, since, until)
) with (fillfactor = 70);
-- Compressed, each look at a row would cost more than all the rest of a question.
alter table takings.rollup alter column totals set storage external;

-- The moment up to which what was pending has been read into the rollup.
create table takings.rollup_watermark (
  watermark timestamptz not null,
  only_row boolean primary key default true check (only_row)
);
insert into takings.rollup_watermark (watermark) values ('-infinity');

-- For answers as of an earlier moment than the rollup's: what was recorded in between.
create index ledger_by_recording on takings.ledger (recorded_at);
create index ledger_superseded_by_recording on takings.ledger_superseded (recorded_at);
create index ledger_superseded_by_superseding on takings.ledger_superseded (superseded_at);

-- Brings additions into the rollup. Only the holder of the row of the rollup's moment may call it. Its plan may be made when the rollup
-- is empty and kept until it is large, so nothing may be read but by the key; and however many additions there are, the
-- planner takes them for few, and would compare each with each.
create function takings.add_to_rollup(additions takings.rollup_deltas[]) returns void
language sql volatile set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_nestloop = off
begin atomic
  with added as materialized (
    select livemode, whose.account, span.since, span.until, currency, sum(gross) as gross, sum(refunded) as refunded,
      sum(disputed) as disputed, sum(payments) as payments, sum(refunds) as refunds, sum(disputes) as disputes
    from unnest(additions) as addition
    cross join lateral (values (addition.account), ('*')) as whose (account)
    cross join lateral (values
      ('-infinity'::timestamptz, takings.day_start(bucket) + interval '24 hours'),
      (takings.day_start(bucket), bucket + interval '15 minutes')
    ) as span (since, until)
    group by livemode, whose.account, span.since, span.until, currency
  ),
  touched as materialized (
    select livemode, account, since, min(until) as first from added group by livemode, account, since
  ),
  -- The rows that change: those that begin, and all with the same beginning that end later.
  target as materialized (
    select livemode, account, since, until from added
    union
    select livemode, account, since, until
    from touched cross join lateral (
      select until from takings.rollup as later
      where later.livemode = touched.livemode and later.account = touched.account and later.since = touched.since
        and later.until >= first
      offset 0
    ) as later
  ),
  part as (
    -- What the row says already; if it is new, what the one before it says.
    select livemode, account, since, target.until, reading.*
    from target cross join lateral (
      select totals from takings.rollup as known
      where known.livemode = target.livemode and known.account = target.account and known.since = target.since
        and known.until <= target.until
      order by known.until desc limit 1
    ) as known cross join lateral unnest(totals::takings.rollup_totals[]) as reading
    union all
    -- What has come up to its end.
    select livemode, account, since, until, currency, sum(gross) over earlier, sum(refunded) over earlier,
      sum(disputed) over earlier, (sum(payments) over earlier)::bigint, (sum(refunds) over earlier)::bigint,
      (sum(disputes) over earlier)::bigint
    from target
    join (select distinct livemode, account, since, currency from added) as named using (livemode, account, since)
    left join added using (livemode, account, since, until, currency)
    window earlier as (partition by livemode, account, since, currency order by until)
  )
  insert into takings.rollup (livemode, account, since, until, totals)
  select livemode, account, since, until,
    array_agg((currency, gross, refunded, disputed, payments, refunds, disputes)::takings.rollup_totals order by currency)::text
  from (
    select livemode, account, since, until, currency, sum(gross) as gross, sum(refunded) as refunded,
      sum(disputed) as disputed, sum(payments)::bigint as payments, sum(refunds)::bigint as refunds,
      sum(disputes)::bigint as disputes
    from part
    -- No sum: in this row nothing has come yet in that currency.
    where gross is not null
    group by livemode, account, since, until, currency
  ) as reading
  group by livemode, account, since, until
  on conflict (livemode, account, since, until) do update set totals = excluded.totals;
end;

-- Reads what is pending and settled into the rollup, up to `lag` before the safe read time, at most `most` additions,
-- oldest first, and tells how many that were. Whoever works holds the row of the rollup's moment, which needs a right on
-- that table; others return at once. What was rolled_up was told, so the moment of the rollup only ever rises.
create function takings.apply_rollup_deltas(lag interval, most integer) returns bigint
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  settled timestamptz;
  clock timestamptz := takings.clock();
  additions takings.rollup_deltas[];
begin
  if lag < interval '0' or most not between 1 and 100000 then
    raise exception 'a lag of % or % additions at a time make no sense', lag, most
      using errcode = 'invalid_parameter_value';
  end if;
  perform from takings.rollup_watermark for update skip locked;
  if not found then
    return 0;
  end if;
  settled := takings.safe_read_time();
  -- While recorded time is ahead of the clock it stands almost still, and waiting for it would let additions pile up.
  if settled <= clock then
    settled := settled - lag;
  end if;
  settled := least(settled, (select recorded_at from takings.rollup_deltas order by recorded_at offset most limit 1));
  with pending as (
    delete from takings.rollup_deltas where recorded_at <= settled returning rollup_deltas
  )
  select array_agg(pending.rollup_deltas) into additions from pending;
  if additions is not null then
    perform takings.add_to_rollup(additions);
  end if;
  update takings.rollup_watermark set watermark = settled where watermark < settled;
  -- The latest of them is never among these, because nothing later than that is settled.
  delete from takings.recordings where recorded_at < settled;
  return coalesce(cardinality(additions), 0);
end
$$;

-- Any number of callers may call it at any time. The rollup stays a little behind the present, so that a reader who has
-- just asked for the safe read time finds it no further than that.
create function takings.advance_rollup() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return takings.apply_rollup_deltas(interval '2 seconds', 5000);
end
$$;

-- Makes the rollup anew, as of the moment up to which it has been read, and what is pending beyond that. Whoever calls
-- it holds the row of the moment until the transaction ends, so nobody advances the rollup meanwhile. Up to that moment
-- the ledger does not change any more, so it may be read in many statements. What is pending is counted and replaced in
-- one, whose snapshot is the same for both: what writers add meanwhile is seen by neither side and stays as it is.
create function takings.rebuild_rollup() returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  rolled_up timestamptz;
  day timestamptz;
  days timestamptz[];
  additions takings.rollup_deltas[];
begin
  select watermark into strict rolled_up from takings.rollup_watermark for update;
  -- No moment that was rolled_up lies beyond what is settled, unless somebody has altered it.
  rolled_up := least(rolled_up, takings.safe_read_time());
  delete from takings.rollup;
  select array_agg(distinct takings.day_start(occurred_at)) into days from takings.ledger_as_of(rolled_up);
  foreach day in array coalesce(days, '{}') loop
    select array_agg(addition) into additions
    from (
      select (
        rolled_up, livemode, account, takings.bucket_start(occurred_at), currency, sum(gross), sum(refunded), sum(disputed),
        sum(payments)::bigint, sum(refunds)::bigint, sum(disputes)::bigint
      )::takings.rollup_deltas as addition
      from (values (true), (false)) as mode (livemode)
      join takings.ledger_as_of(rolled_up) using (livemode)
      cross join lateral takings.effect_of(kind, amount, 1)
      where occurred_at >= day and occurred_at < day + interval '24 hours'
      group by livemode, account, takings.bucket_start(occurred_at), currency
    ) as of_day;
    perform takings.add_to_rollup(additions);
  end loop;
  with old as (
    delete from takings.rollup_deltas
  )
  insert into takings.rollup_deltas
  select at, livemode, account, takings.bucket_start(occurred_at), currency, sum(gross), sum(refunded), sum(disputed),
    sum(payments), sum(refunds), sum(disputes)
  from (
    select recorded_at as at, livemode, account, occurred_at, currency, kind, amount, 1 as sign from takings.ledger
    where recorded_at > rolled_up
    union all
    select recorded_at, livemode, account, occurred_at, currency, kind, amount, 1 from takings.ledger_superseded
    where recorded_at > rolled_up
    union all
    select superseded_at, livemode, account, occurred_at, currency, kind, amount, -1 from takings.ledger_superseded
    where superseded_at > rolled_up
  ) as change
  cross join lateral takings.effect_of(kind, amount, sign)
  group by at, livemode, account, takings.bucket_start(occurred_at), currency;
  update takings.rollup_watermark set watermark = rolled_up where watermark <> rolled_up;
end
$$;

grant execute on function takings.bucket_start(timestamptz), takings.effect_of(text, numeric, integer)
  to takings_writer, takings_reader;
grant execute on function takings.day_start(timestamptz) to takings_reader;
grant execute on function takings.advance_rollup() to takings_writer;
grant insert on takings.rollup_deltas to takings_writer;
grant select on takings.rollup_deltas, takings.rollup, takings.rollup_watermark to takings_reader;
