-- The meter: what the ledger adds up to, kept so that the cost of an answer does not grow with the ledger.
--
-- For each day (UTC) it keeps a sheet with the running total at the end of every quarter of an hour in which
-- something went through. 15 minutes are fine enough for the calendar of every time zone; what lies between two
-- quarters is read from the ledger. A period is then: the sheet of its last day up to its end, less the sheet of
-- its first day up to its beginning, and the days before the last one in between, of which whole blocks of 32 days
-- are kept as one sum.

create function takings.quarter_of(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('15 minutes', at, '2000-01-01 00:00:00Z');
create function takings.day_of(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('24 hours', at, '2000-01-01 00:00:00Z');
create function takings.block_of(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('768 hours', at, '2000-01-01 00:00:00Z');
-- Which quarter of its day an instant is in, from 0 to 95.
create function takings.quarter_number(at timestamptz) returns integer
language sql immutable parallel safe
return floor(extract(epoch from at - date_bin('24 hours', at, '2000-01-01 00:00:00Z')) / 900)::integer;

-- What each batch added, by quarter. Writers only insert here, so they never wait for one another.
create table takings.meter_pending (
  recorded_at timestamptz not null,
  livemode boolean not null,
  account text not null,
  currency text not null,
  kind text not null,
  quarter timestamptz not null,
  -- Numeric, because a sum of amounts can leave the range in which each of them lies.
  amount numeric not null,
  entries bigint not null
);

create index meter_pending_by_time on takings.meter_pending (recorded_at);

create table takings.meter_days (
  livemode boolean not null,
  -- '*' is all accounts together, the platform's among them.
  account text not null,
  day timestamptz not null,
  currency text not null,
  kind text not null,
  -- The quarters in which something went through, ascending, and the running totals at the end of each.
  quarters integer[] not null,
  amounts numeric[] not null,
  entries bigint[] not null,
  primary key (livemode, account, day, currency, kind)
) with (fillfactor = 70);
-- A sheet fits a page. Compressed, each look at it would cost more than all the rest of a question.
alter table takings.meter_days
  alter column quarters set storage plain,
  alter column amounts set storage plain,
  alter column entries set storage plain;

create table takings.meter_blocks (
  livemode boolean not null,
  account text not null,
  block timestamptz not null,
  currency text not null,
  kind text not null,
  amount numeric not null,
  entries bigint not null,
  primary key (livemode, account, block, currency, kind)
) with (fillfactor = 70);

-- The moment up to which what was pending has been read into the meter.
create table takings.meter_moment (
  moment timestamptz not null,
  only_row boolean primary key default true check (only_row)
);
insert into takings.meter_moment (moment) values ('-infinity');

-- For answers as of an earlier moment than the meter's: what was recorded in between.
create index ledger_by_recording on takings.ledger (recorded_at);
create index ledger_superseded_by_recording on takings.ledger_superseded (recorded_at);
create index ledger_superseded_by_superseding on takings.ledger_superseded (superseded_at);

-- Reads what is pending and settled into the meter, and tells how many additions that were. It may be called at any
-- time by any number of callers: one works, the others return at once. It stays a little behind the present, so
-- that a reader who has just asked for the latest moment finds the meter no further than that, and takes a bounded
-- number of additions at a time, oldest first.
create function takings.advance_meter(lag interval default '2 seconds', most integer default 5000) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog
as $$
declare
  settled timestamptz;
  taken bigint;
begin
  if not pg_try_advisory_xact_lock(1952541545, 2) then
    return 0;
  end if;
  settled := takings.latest_moment() - lag;
  settled := least(settled, (select recorded_at from takings.meter_pending order by recorded_at offset most limit 1));
  with pending as (
    delete from takings.meter_pending where recorded_at <= settled returning *
  ),
  added as materialized (
    select livemode, whose.account, takings.day_of(quarter) as day, takings.quarter_number(quarter) as number, currency,
      kind, sum(amount) as amount, sum(entries)::bigint as entries
    from pending cross join lateral (values (account), ('*')) as whose (account)
    group by livemode, whose.account, quarter, currency, kind
  ),
  step as (
    select * from added
    union all
    -- What a sheet has already, as steps again.
    select livemode, account, day, number, currency, kind,
      amount - lag(amount, 1, 0) over sheet, entry - lag(entry, 1, 0::bigint) over sheet
    from takings.meter_days
    join (select distinct livemode, account, day, currency, kind from added) as touched
      using (livemode, account, day, currency, kind)
    cross join lateral unnest(quarters, amounts, entries) as known (number, amount, entry)
    window sheet as (partition by livemode, account, day, currency, kind order by number)
  ),
  running as (
    select livemode, account, day, number, currency, kind,
      sum(sum(amount)) over sheet as amount, (sum(sum(entries)) over sheet)::bigint as entries
    from step
    group by livemode, account, day, number, currency, kind
    window sheet as (partition by livemode, account, day, currency, kind order by number)
  ),
  sheets as (
    insert into takings.meter_days (livemode, account, day, currency, kind, quarters, amounts, entries)
    select livemode, account, day, currency, kind, array_agg(number order by number),
      array_agg(amount order by number), array_agg(entries order by number)
    from running
    group by livemode, account, day, currency, kind
    on conflict (livemode, account, day, currency, kind) do update set
      quarters = excluded.quarters, amounts = excluded.amounts, entries = excluded.entries
  ),
  blocks as (
    insert into takings.meter_blocks as known (livemode, account, block, currency, kind, amount, entries)
    select livemode, account, takings.block_of(day), currency, kind, sum(amount), sum(entries)
    from added
    group by livemode, account, takings.block_of(day), currency, kind
    on conflict (livemode, account, block, currency, kind) do update set
      amount = known.amount + excluded.amount, entries = known.entries + excluded.entries
  )
  select count(*) into taken from pending;
  update takings.meter_moment set moment = settled where moment < settled;
  return taken;
end
$$;

-- Makes the meter anew from the ledger. Readers see the old one until the transaction commits.
create function takings.rebuild_meter() returns void
language plpgsql volatile
as $$
declare
  settled timestamptz;
begin
  perform pg_advisory_xact_lock(1952541545, 2);
  settled := takings.latest_moment();
  delete from takings.meter_pending where recorded_at <= settled;
  delete from takings.meter_days;
  delete from takings.meter_blocks;
  insert into takings.meter_days (livemode, account, day, currency, kind, quarters, amounts, entries)
  select livemode, account, day, currency, kind, array_agg(number order by number),
    array_agg(amount order by number), array_agg(entries order by number)
  from (
    select livemode, whose.account, takings.day_of(occurred_at) as day, takings.quarter_number(occurred_at) as number,
      currency, kind, sum(sum(amount)) over sheet as amount, (sum(count(*)) over sheet)::bigint as entries
    from takings.ledger_as_of(settled) as entry cross join lateral (values (entry.account), ('*')) as whose (account)
    group by livemode, whose.account, day, number, currency, kind
    window sheet as (
      partition by livemode, whose.account, takings.day_of(occurred_at), currency, kind
      order by takings.quarter_number(occurred_at)
    )
  ) as running
  group by livemode, account, day, currency, kind;
  insert into takings.meter_blocks (livemode, account, block, currency, kind, amount, entries)
  select livemode, account, takings.block_of(day), currency, kind, sum(amounts[cardinality(amounts)]),
    sum(entries[cardinality(entries)])
  from takings.meter_days
  group by livemode, account, takings.block_of(day), currency, kind;
  update takings.meter_moment set moment = settled;
end
$$;

revoke execute on all functions in schema takings from public;
grant execute on function takings.quarter_of(timestamptz) to takings_writer, takings_reader;
grant execute on function takings.day_of(timestamptz), takings.block_of(timestamptz),
  takings.quarter_number(timestamptz) to takings_reader;
grant execute on function takings.advance_meter(interval, integer) to takings_writer;
grant insert on takings.meter_pending to takings_writer;
grant select on takings.meter_pending, takings.meter_days, takings.meter_blocks, takings.meter_moment to takings_reader;
