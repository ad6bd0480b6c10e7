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
  quarter timestamptz not null,
  -- Numeric, because sums of amounts can leave the range in which each of them lies.
  gross numeric not null,
  refunded numeric not null,
  disputed numeric not null,
  payments bigint not null,
  refunds bigint not null,
  disputes bigint not null
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
  gross numeric not null,
  refunded numeric not null,
  disputed numeric not null,
  payments bigint not null,
  refunds bigint not null,
  disputes bigint not null,
  primary key (livemode, account, level, at, currency)
) with (fillfactor = 80);

-- The moment up to which pending additions have been read into the meter.
create table takings.meter_moment (
  moment timestamptz not null,
  only_row boolean primary key default true check (only_row)
);
insert into takings.meter_moment (moment) values ('-infinity');

-- What was recorded since, for answers as of an earlier moment than the meter's.
create index ledger_by_recording on takings.ledger (recorded_at);
create index ledger_superseded_by_recording on takings.ledger_superseded (recorded_at);
create index ledger_superseded_by_superseding on takings.ledger_superseded (superseded_at);

-- What each entry adds to each figure. Entries are signed; the figures of what was taken are shown as positive.
create function takings.figures(
  kind text, amount bigint,
  out gross numeric, out refunded numeric, out disputed numeric,
  out payments bigint, out refunds bigint, out disputes bigint
)
language sql immutable parallel safe
return row(
  case when kind = 'payment' then amount else 0 end,
  case when kind in ('refund', 'refund_reversal') then -amount else 0 end,
  case when kind in ('dispute', 'dispute_reversal') then -amount else 0 end,
  case when kind = 'payment' then 1 else 0 end,
  case when kind = 'refund' then 1 else 0 end,
  case when kind = 'dispute' then 1 else 0 end
);
