-- The meter: what the ledger adds up to, kept so that the cost of an answer does not grow with the ledger.
--
-- It works like the meter of a house. A reading is what has gone through since the counter began, and what went
-- through in any period is the difference of two readings. So that a late entry does not have to correct all
-- readings for ever after, counters begin anew: a quarter of an hour reads what went through since its hour
-- began, an hour since its day began, a day since its block of 16 days began; blocks hold plain sums. 15 minutes
-- are fine enough for the calendar of every time zone; what lies between two quarters is read from the ledger.

create function takings.quarter_of(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('15 minutes', at, '2000-01-01 00:00:00Z');
create function takings.hour_of(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('1 hour', at, '2000-01-01 00:00:00Z');
create function takings.day_of(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('24 hours', at, '2000-01-01 00:00:00Z');
create function takings.block_of(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('384 hours', at, '2000-01-01 00:00:00Z');

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

create table takings.meter (
  livemode boolean not null,
  -- '*' is all accounts together, the platform's among them.
  account text not null,
  -- 0: sum of the block that starts at `at`; 1, 2, 3: reading at a day, hour, quarter since its parent began.
  level smallint not null,
  at timestamptz not null,
  currency text not null,
  kind text not null,
  amount numeric not null,
  entries bigint not null,
  primary key (livemode, account, level, at, currency, kind)
) with (fillfactor = 80);

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

-- The period of a level that an instant falls into: block, day, hour, quarter of an hour.
create function takings.period_of(level smallint, at timestamptz) returns timestamptz
language sql immutable parallel safe
return case level
  when 0 then takings.block_of(at) when 1 then takings.day_of(at)
  when 2 then takings.hour_of(at) else takings.quarter_of(at)
end;

-- The readings of a level in which what went through in one of its periods is included: all that follow until the
-- counter begins anew.
create function takings.readings_including(level smallint, period timestamptz) returns setof timestamptz
language sql immutable parallel safe
begin atomic
  select period where level = 0
  union all
  select generate_series(period + interval '24 hours', takings.block_of(period) + interval '360 hours',
    interval '24 hours') where level = 1
  union all
  select generate_series(period + interval '1 hour', takings.day_of(period) + interval '23 hours',
    interval '1 hour') where level = 2
  union all
  select generate_series(period + interval '15 minutes', takings.hour_of(period) + interval '45 minutes',
    interval '15 minutes') where level = 3;
end;

-- Reads what is pending and settled into the meter, and tells how many additions that were. It may be called at any
-- time by any number of callers: one works, the others return at once. It stays a little behind the present, so
-- that a reader who has just asked for the latest moment finds the meter no further than that, and takes a bounded
-- number of additions at a time, oldest first.
create function takings.advance_meter(lag interval default '2 seconds', most integer default 2000) returns bigint
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
  added as (
    select livemode, whose.account, level, takings.period_of(level, quarter) as period, currency, kind,
      sum(amount) as amount, sum(entries) as entries
    from pending
    cross join lateral (values (account), ('*')) as whose (account)
    cross join (values (0::smallint), (1::smallint), (2::smallint), (3::smallint)) as counter (level)
    group by livemode, whose.account, level, takings.period_of(level, quarter), currency, kind
  ),
  counted as (
    insert into takings.meter as known (livemode, account, level, at, currency, kind, amount, entries)
    select livemode, account, level, at, currency, kind, sum(amount), sum(entries)
    from added cross join lateral takings.readings_including(level, period) as at
    group by livemode, account, level, at, currency, kind
    on conflict (livemode, account, level, at, currency, kind) do update set
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
  delete from takings.meter;
  for counter in 0..3 loop
    insert into takings.meter (livemode, account, level, at, currency, kind, amount, entries)
    select livemode, account, counter, at, currency, kind, sum(amount), sum(entries)
    from (
      select livemode, whose.account, takings.period_of(counter::smallint, occurred_at) as period, currency, kind,
        sum(amount) as amount, count(*) as entries
      from takings.ledger_as_of(settled) as entry cross join lateral (values (entry.account), ('*')) as whose (account)
      group by livemode, whose.account, period, currency, kind
    ) as added cross join lateral takings.readings_including(counter::smallint, period) as at
    group by livemode, account, at, currency, kind;
  end loop;
  update takings.meter_moment set moment = settled;
end
$$;

revoke execute on all functions in schema takings from public;
grant execute on function takings.quarter_of(timestamptz) to takings_writer, takings_reader;
grant execute on function takings.hour_of(timestamptz), takings.day_of(timestamptz), takings.block_of(timestamptz)
  to takings_reader;
grant execute on function takings.advance_meter(interval, integer) to takings_writer;
grant insert on takings.meter_pending to takings_writer;
grant select on takings.meter_pending, takings.meter, takings.meter_moment to takings_reader;
