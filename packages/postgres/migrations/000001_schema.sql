-- The schema of Takings: the events that Stripe sent, the ledger that is derived from them, and the rollup
-- that keeps totals of the ledger. How the processes use it: docs/architecture.md.
--
--    1. Roles                          9. Isolation attempts
--    2. Sources                       10. Quarantine decisions
--    3. Events                        11. Gaps
--    4. Payments                      12. Reconciliations
--    5. Ledger                        13. Payload retention
--    6. Recorded time                 14. Functions that writers call
--    7. Rollup                        15. Balance ledger
--    8. Committed sequences           16. Grants
--
-- Conventions
--   * An account is null in events where the event names none. Everywhere else the platform's own account is
--     the empty string, so that it can be part of a key.
--   * A source is a Stripe account with a webhook path of its own. Ids are unique within a source, so it is
--     part of every key. Nothing of two sources is ever joined.
--   * Amounts are in the minor unit of their currency.


-- 1. Roles ------------------------------------------------------------------------------------------------

-- Group roles. The operator of the database creates logins and grants one of these to each:
--   takings_writer      the consumer
--   takings_reader      revenue-query, `takings verify`
--   takings_purger      `takings purge`
--   takings_reconciler  `takings reconcile`, `takings balance sync`
--   takings_pruner      `takings payloads prune`
do $$
declare
  wanted text;
begin
  foreach wanted in array array[
    'takings_writer', 'takings_reader', 'takings_purger', 'takings_reconciler', 'takings_pruner'
  ] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I nologin', wanted);
    end if;
  end loop;
end
$$;

-- A function can be executed only by those to whom it is granted below.
--
-- Every plpgsql function, and every function that runs with its owner's rights, sets a search_path with
-- pg_temp last. If pg_temp is not named it is searched first, and a caller could shadow a table or a type
-- with one of its own. Bodies between `begin atomic` and `end` are parsed when they are created, so nothing
-- is looked up later.
alter default privileges revoke execute on functions from public;

comment on table takings.migrations is
  'The migrations that were applied, with the checksums of their files. `takings migrate` creates it.';


-- 2. Sources ----------------------------------------------------------------------------------------------

create table takings.sources (
  name text collate "C" primary key check (name ~ '^[a-z0-9-]{1,40}$'),
  -- Events of the source that name this account belong to the platform itself. All processes that read events
  -- must agree on it, so it is stored here and not only in the environment of each. Null: not known.
  stripe_account_id text check (stripe_account_id ~ '^acct_\w+$')
);
comment on table takings.sources is
  'The sources that may have events. A source has its row before the first of its events is recorded, so readers
find everything by the sources of this table.';

insert into takings.sources (name) values ('default');

create function takings.register_source(wanted text, account text)
returns table (stripe_account_id text, is_new boolean, has_events boolean)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  insert into takings.sources (name) values (wanted) on conflict do nothing;
  update takings.sources set stripe_account_id = account
  where name = wanted and stripe_account_id is null and account is not null;
  is_new := found;
  return query
    select sources.stripe_account_id, is_new, case when is_new then
        -- Each half has an index that begins with the source.
        exists (
          select from takings.events
          where source = wanted and type not in ('takings.balance_transaction', 'takings.payout')
        ) or exists (
          select from takings.events
          where source = wanted and type in ('takings.balance_transaction', 'takings.payout')
        )
      else false end
    from takings.sources where name = wanted;
end
$$;
comment on function takings.register_source is
  'Stores a source, and its account if one is given and none is stored yet. Returns the account that is stored.
`is_new`: it was stored now. `has_events`: it was, and events of the source are stored already, which may have been
read without knowing the account.';

create function takings.current_rules_version() returns smallint
language sql immutable parallel safe return 2::smallint;
comment on function takings.current_rules_version is
  'The version of the rules by which events are read (`rulesVersion` in packages/domain). A change of the
rules comes with a migration that replaces this function. Only payloads read by these rules may be pruned:
what older rules read wrongly can be corrected from the payload alone.';


-- 3. Events -----------------------------------------------------------------------------------------------

create table takings.events (
  event_id text collate "C" not null,
  source text collate "C" not null,
  type text collate "C" not null,
  created timestamptz not null,
  received_at timestamptz not null,
  recorded_at timestamptz not null,
  livemode boolean,
  account text,
  object_id text,
  payment_intent text,
  status text not null check (status in ('processed', 'quarantined')),
  reason text,
  -- When a person decided that a quarantined event has no effect on the ledger.
  dismissed_at timestamptz,
  -- What the event states about payments: the objects that it shows, with the API version that shaped them.
  -- Amounts are JSON strings. Null: it states nothing. The ledger can be rebuilt from facts alone, without
  -- payloads.
  facts jsonb,
  -- One of the objects in `facts`; payment_objects records which payment it belongs to.
  payment_object text collate "C",
  -- What the event states about a balance transaction or a payout. Amounts are JSON strings. Null: it states
  -- nothing. The balance ledger can be rebuilt from these alone, without payloads.
  balance jsonb,
  -- The version of the rules by which the other columns were read from the payload (`rulesVersion` in the
  -- domain).
  rules smallint not null check (rules >= 0),
  -- The request body, byte for byte. Not jsonb, which rejects valid JSON such as "\u0000" and drops
  -- whitespace.
  payload bytea,
  -- How `payload` encodes the body. 0: as it is. 1: a zstd frame that needs dictionary 1. A dictionary
  -- never changes, so that stored rows stay readable; a better one gets a new number.
  payload_codec smallint not null check (payload_codec >= 0),
  -- When the payload was pruned. All other columns are kept permanently.
  payload_removed_at timestamptz,
  -- No timestamp and no partition key is in it, so an event is stored only once, ever.
  primary key (event_id, source),
  constraint events_quarantined_has_reason check ((status = 'quarantined') = (reason is not null)),
  constraint events_dismissed_is_quarantined check (dismissed_at is null or status = 'quarantined'),
  constraint events_payload_present_or_removed check ((payload is null) = (payload_removed_at is not null)),
  -- The meaning of an event that is not understood yet is in its payload and nowhere else.
  constraint events_quarantined_keeps_payload check (status = 'processed' or payload is not null),
  constraint events_facts_name_an_object check ((facts is null) = (payment_object is null)),
  constraint events_facts_are_of_a_mode check (facts is null or livemode is not null),
  constraint events_facts_are_understood check (facts is null or status = 'processed'),
  constraint events_balance_is_of_a_mode check (balance is null or livemode is not null),
  constraint events_balance_is_understood check (balance is null or status = 'processed')
);
comment on table takings.events is
  'Every event that was received, once, with its payload and what was read from it.';

-- Payloads are compressed already; PostgreSQL need not try again.
alter table takings.events alter column payload set storage external;

-- Lists are sorted by (created, event_id). The id would be most of the size of these indexes, and the few
-- events of one second are quickly sorted, so it is left out.
-- Readings of the balance are in lists only when they are asked for by type.
create index events_by_created on takings.events (source, created)
  where type not in ('takings.balance_transaction', 'takings.payout');
create index events_by_type on takings.events (source, type, created);
create index events_by_payment_intent on takings.events (payment_intent) where payment_intent is not null;
create index events_by_object on takings.events (object_id) where object_id is not null;
create index events_by_payment_object on takings.events (payment_object) where payment_object is not null;
create index events_in_quarantine on takings.events (recorded_at)
  where status = 'quarantined' and dismissed_at is null;
-- The payloads that may be pruned, oldest first. A row leaves this index when its payload is removed.
create index events_by_recording_with_payload on takings.events (recorded_at)
  where payload_removed_at is null and status = 'processed';

create table takings.events_superseded (
  event_id text collate "C" not null,
  source text collate "C" not null,
  type text collate "C" not null,
  created timestamptz not null,
  received_at timestamptz not null,
  livemode boolean,
  account text,
  object_id text,
  payment_intent text,
  status text not null,
  reason text,
  recorded_at timestamptz not null,
  superseded_at timestamptz not null,
  foreign key (event_id, source) references takings.events
);
comment on table takings.events_superseded is
  'Earlier versions of events that were replayed, replaced or read again, so that lists as of an earlier
time stay the same. A replayed event gets the recorded time of its replay, as its entries do. An event that
a rebuild read again keeps its recorded time, because that decides when its payload may be pruned.';

create index events_superseded_by_created on takings.events_superseded (source, created)
  where type not in ('takings.balance_transaction', 'takings.payout');
create index events_superseded_by_event on takings.events_superseded (event_id, source, superseded_at);


-- 4. Payments ---------------------------------------------------------------------------------------------

create table takings.payment_objects (
  object_id text collate "C" not null,
  source text collate "C" not null,
  account text collate "C" not null,
  livemode boolean not null,
  -- Another object of the same payment that is nearer to the root, or the object itself if it is the root.
  -- Only the row of a root is ever updated, when two payments turn out to be one.
  belongs_to text collate "C" not null,
  primary key (object_id, source, account, livemode)
);
comment on table takings.payment_objects is
  'Which PaymentIntents, charges, refunds and disputes belong to one payment: a forest in which every
payment is a tree, represented by its root. A transaction locks the rows of a payment before it writes its
entries, so two transactions never derive the same payment at once. Why entries follow from whole payments:
docs/decisions/0039.';

create index payment_objects_by_belongs_to on takings.payment_objects (belongs_to)
  where belongs_to <> object_id;


-- 5. Ledger -----------------------------------------------------------------------------------------------

create table takings.ledger (
  -- Derived from (kind, source, account, livemode, object_id), so the primary key is what makes money count once.
  id text collate "C" primary key,
  kind text not null
    check (kind in ('payment', 'refund', 'refund_reversal', 'dispute', 'dispute_reversal')),
  source text collate "C" not null,
  account text not null,
  livemode boolean not null,
  object_id text not null,
  amount bigint not null check (amount <> 0),
  currency text not null,
  occurred_at timestamptz not null,
  -- The source event: of all events that show this entry the one that takes precedence.
  event_id text collate "C" not null,
  payment_intent text,
  recorded_at timestamptz not null
);
comment on table takings.ledger is
  'One row per movement of money, as it follows from all events of its payment today. An entry changes when
an event arrives that takes precedence; what it was before is in ledger_superseded.';

-- Each filter of the API has an index, so that rare matches are found without reading the rest. Lists are
-- sorted by (occurred_at, id); as with events, the id is left to a sort of the entries of one second.
create index ledger_by_time on takings.ledger (livemode, source, account, occurred_at);
create index ledger_by_time_of_all on takings.ledger (livemode, source, occurred_at);
create index ledger_by_currency on takings.ledger (livemode, source, account, currency, occurred_at);
create index ledger_by_currency_of_all on takings.ledger (livemode, source, currency, occurred_at);
create index ledger_by_payment_intent on takings.ledger (payment_intent) where payment_intent is not null;
-- For totals as of a time before the rollup's watermark.
create index ledger_by_recording on takings.ledger (recorded_at);

create table takings.ledger_superseded (
  like takings.ledger,
  superseded_at timestamptz not null
);
comment on table takings.ledger_superseded is
  'Earlier versions of entries, and entries that were retracted, so that the ledger can be read as of any
time.';

create index ledger_superseded_by_id on takings.ledger_superseded (id, superseded_at);
create index ledger_superseded_by_recording on takings.ledger_superseded (recorded_at);
create index ledger_superseded_by_superseding on takings.ledger_superseded (superseded_at);

create function takings.ledger_as_of(moment timestamptz) returns setof takings.ledger
language sql stable parallel safe
begin atomic
  select * from takings.ledger where recorded_at <= moment
  union all
  select id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent,
    recorded_at
  from takings.ledger_superseded
  where recorded_at <= moment and superseded_at > moment;
end;
comment on function takings.ledger_as_of is
  'The ledger as it was at a recorded time. The planner inlines it, so filters reach the indexes.';


-- 6. Recorded time ----------------------------------------------------------------------------------------

-- Every transaction that records events or entries takes a recorded time. Once a reader was given a safe
-- read time, nothing may be recorded at or before it. How that is ensured:
--   * A recording holds, until its transaction ends, an advisory lock whose key is a time before its
--     recorded time.
--   * A reader gets at most the smallest key that is held, and at most the latest recorded time that is
--     committed.
--   * A recording whose lock a reader did not see takes its lock later. It reads the latest committed time
--     after that, so its own is later than what the reader was given.
-- PostgreSQL makes a commit visible before it releases the locks, so once a lock is gone its commit can be
-- read.
--
-- Where commits wait for a standby, a visible commit has been replicated, with two exceptions. One is a wait that
-- somebody cancels or terminates: docs/decisions/0033. The other is a restart, which makes those visible that
-- were still waiting. A standby that is promoted next lacks them, and what readers were
-- told would change. So after a restart readers are told nothing until a recording of this run of the server
-- has been committed: it waited for the standby, which receives everything before it first.
--
-- The upper twelve bits of a key mark it as one of these. The others are microseconds since 1970, which
-- suffice until the year 2112.

create function takings.server_run() returns timestamptz[]
language sql volatile return array[pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time()];
comment on function takings.server_run is
  'Identifies this run of the server: when it was started, and when its statistics began. It discards them
when a backend has crashed and it restarts by itself. Only equality means anything.';

create table takings.recordings (
  recorded_at timestamptz not null,
  server_run timestamptz[] not null default takings.server_run()
);
comment on table takings.recordings is
  'The recorded times that were assigned, and on which run of which server. They are stored and replicated
with the data, so recorded time never goes back after a failover or a restore, whatever the clock shows. Only
the latest row is needed.';

-- Not unique, because two recordings would wait for each other.
create index recordings_by_time on takings.recordings (recorded_at);

create function takings.clock() returns timestamptz
language sql volatile return clock_timestamp();
comment on function takings.clock is
  'The clock of the database. It is only a hint: it may be set back or run ahead. Tests replace this
function.';

insert into takings.recordings (recorded_at) values (takings.clock());

create function takings.begin_recording() returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  latest timestamptz;
  shown bigint;
  mine timestamptz;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'begin_recording() needs a read committed transaction'
      using errcode = 'invalid_transaction_state',
        hint = 'A snapshot older than its lock does not show what readers were given.';
  end if;
  -- Held until the transaction ends, as the advisory lock is, and taken before it. It is what identifies a
  -- recording, because no other role has a right on this table; whether the login may still record does not
  -- matter then.
  lock table takings.recordings in row exclusive mode;
  select max(recorded_at) into latest from takings.recordings;
  shown := least(
    (extract(epoch from greatest(takings.clock(), latest)) * 1000000)::bigint, (1::bigint << 52) - 1
  );
  -- An earlier time serves as well, so no session can make a recording wait.
  while not pg_try_advisory_xact_lock_shared((x'7a6'::bigint << 52) | shown) loop
    shown := shown - 1;
  end loop;
  -- A new statement, so it sees everything that was committed when the lock became visible.
  select max(recorded_at) into latest from takings.recordings;
  mine := greatest(
    takings.clock(), 'epoch'::timestamptz + (shown + 1) * interval '1 microsecond',
    latest + interval '1 microsecond'
  );
  insert into takings.recordings (recorded_at) values (mine);
  return mine;
end
$$;
comment on function takings.begin_recording is
  'Makes the open transaction a recording and returns its recorded time. Readers stay before it until it has
ended.';

create function takings.recording_state(
  out latest timestamptz, out safe_read_time timestamptz, out oldest timestamptz, out now timestamptz,
  out is_replicated boolean
)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  run timestamptz[];
begin
  if pg_is_in_recovery() then
    raise exception 'this server is a standby, and only the primary knows which recordings are in progress'
      using errcode = 'TK001', hint = 'Point DATABASE_URL at the primary.';
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'the safe read time can only be read in a read committed transaction'
      using errcode = 'invalid_transaction_state', hint = 'Read it before the snapshot is taken.';
  end if;
  select recorded_at, server_run into latest, run
  from takings.recordings order by recorded_at desc limit 1;
  if latest is null then
    raise exception 'takings.recordings is empty'
      using errcode = 'TK001', hint = 'Someone deleted its rows; insert now().';
  end if;
  -- Every login can take advisory locks, so a lock counts only together with the table lock of
  -- begin_recording.
  with held as materialized (
    select * from pg_locks where database = (select oid from pg_database where datname = current_database())
  )
  select 'epoch'::timestamptz + min(key & ((1::bigint << 52) - 1)) * interval '1 microsecond' into oldest
  from held as shown
  -- A bigint key has objsubid 1 and its halves in classid and objid.
  cross join lateral (values ((classid::bigint << 32) | objid::bigint)) as halves (key)
  where locktype = 'advisory' and objsubid = 1 and mode = 'ShareLock' and granted
    and key >> 52 = x'7a6'::bigint
    and exists (
      select from held as begun
      where begun.virtualtransaction = shown.virtualtransaction and begun.locktype = 'relation'
        and begun.relation = 'takings.recordings'::regclass and begun.mode = 'RowExclusiveLock'
        and begun.granted
    );
  safe_read_time := least(latest, oldest);
  now := takings.clock();
  -- Where no commit waits, readers rely on this server alone, and it need not replicate anything first.
  is_replicated := run = takings.server_run() or current_setting('synchronous_standby_names') = '';
end
$$;
comment on function takings.recording_state is
  'The state of recorded time. `latest`: the latest that is committed. `safe_read_time`: nothing will be
recorded at or before it on this server any more. `oldest`: when the oldest recording in progress began.
`now`: the clock. `is_replicated`: whether a standby has everything up to `latest`, where commits wait for
one.';

create function takings.safe_read_time() returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  state record;
begin
  select * into state from takings.recording_state();
  if state.oldest < state.now - interval '1 minute' then
    raise exception 'a recording is in progress since % and holds back everything after it', state.oldest
      using errcode = 'TK001',
        hint = 'If it waits for a standby, repair the standby; otherwise find its session in pg_locks and '
          'end it: see the runbook TakingsRecordingStuck.';
  end if;
  if not state.is_replicated then
    raise exception 'the server was started or promoted, and no recording has been replicated since then'
      using errcode = 'TK001',
        hint = 'A running consumer makes one within a second. If it lasts, check that a consumer is running '
          'and that the standbys in synchronous_standby_names are connected.';
  end if;
  return state.safe_read_time;
end
$$;
comment on function takings.safe_read_time is
  'The time that readers use: everything up to it is final, also after a failover. It never comes from the
clock. Fails when a recording has been in progress for more than a minute, and where commits wait for a
standby also from a start of the server until its first recording has been replicated.';

create function takings.advance_recorded_time() returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  state record;
begin
  select * into state from takings.recording_state();
  if state.oldest is null
    and (not state.is_replicated or state.latest < state.now - interval '500 milliseconds') then
    perform takings.begin_recording();
  end if;
end
$$;
comment on function takings.advance_recorded_time is
  'Keeps the safe read time near the present while nothing happens, by an empty recording, which is also the
first one of a run of the server. While another
recording is in progress this would not help; and where commits wait for a standby that is away, each call
would leave one more session that waits.';


-- 7. Rollup -----------------------------------------------------------------------------------------------

-- Totals of the ledger, so that the cost of a sum does not grow with the ledger. A row of totals covers the
-- time from `since` up to `until`:
--   * from the beginning of time to the end of each day (UTC), and
--   * from the beginning of each day to the end of each 15-minute bucket,
-- both only where there are entries. So the sum up to any instant is two rows plus the ledger entries between
-- the start of its bucket and that instant, and the sum of a period is the difference of two such sums. Local
-- days begin at the start of a bucket, because the offsets of time zones are multiples of 15 minutes.

create function takings.bucket_start(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('15 minutes', at, '2000-01-01 00:00:00Z');
comment on function takings.bucket_start is 'The start of the 15-minute bucket that an instant is in.';

create function takings.day_start(at timestamptz) returns timestamptz
language sql immutable parallel safe return date_bin('24 hours', at, '2000-01-01 00:00:00Z');
comment on function takings.day_start is 'The start of the day (UTC) that an instant is in.';

create function takings.effect_of(kind text, amount numeric, sign integer)
returns table (
  gross numeric, refunded numeric, disputed numeric, payments bigint, refunds bigint, disputes bigint
)
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
comment on function takings.effect_of is
  'What an entry adds to totals; with `sign` -1, what its removal adds. Totals are positive where money was
taken, refunded or withdrawn. Counts leave reversals out. These rules are defined here and nowhere else.';

create table takings.rollup_deltas (
  recorded_at timestamptz not null,
  livemode boolean not null,
  source text collate "C" not null,
  account text not null,
  bucket timestamptz not null,
  currency text not null,
  -- Numeric, because a sum of amounts can exceed the range of bigint.
  gross numeric not null,
  refunded numeric not null,
  disputed numeric not null,
  payments bigint not null,
  refunds bigint not null,
  disputes bigint not null
);
comment on table takings.rollup_deltas is
  'What each batch added to totals, by bucket, and the rollup does not contain yet. Writers only insert
here, so they never wait for each other.';

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
comment on type takings.rollup_totals is 'The totals of one currency in a row of the rollup.';

create table takings.rollup (
  livemode boolean not null,
  source text collate "C" not null,
  -- '*': all accounts of the source together, the platform included.
  account text not null,
  since timestamptz not null,
  until timestamptz not null,
  -- A takings.rollup_totals[] with one element per currency that has entries, sorted by currency. Stored as
  -- text, because it is sent as text: formatting it for every query would cost more than everything else,
  -- and it is smaller.
  totals text not null,
  primary key (livemode, source, account, since, until)
) with (fillfactor = 70);
comment on table takings.rollup is
  'Totals of the ledger as of the watermark, cumulative from `since` up to `until`.';

-- Decompressing it would cost more than the rest of a query.
alter table takings.rollup alter column totals set storage external;

create table takings.rollup_watermark (
  watermark timestamptz not null,
  only_row boolean primary key default true check (only_row)
);
comment on table takings.rollup_watermark is
  'The recorded time up to which deltas were applied to the rollup, in one row. A session that changes the
rollup holds the lock of this row.';

insert into takings.rollup_watermark (watermark) values ('-infinity');

-- A plan that was cached while the rollup was empty may still be used when it is large, so sequential scans
-- are disabled: rows must be read by key. The planner also underestimates the number of deltas and would
-- compare each with each, so nested loops are disabled.
create function takings.add_to_rollup(deltas takings.rollup_deltas[]) returns void
language sql volatile set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_nestloop = off
begin atomic
  with added as materialized (
    select livemode, source, accounts.account, span.since, span.until, currency, sum(gross) as gross,
      sum(refunded) as refunded, sum(disputed) as disputed, sum(payments) as payments, sum(refunds) as refunds,
      sum(disputes) as disputes
    from unnest(deltas) as delta
    cross join lateral (values (delta.account), ('*')) as accounts (account)
    cross join lateral (values
      ('-infinity'::timestamptz, takings.day_start(bucket) + interval '24 hours'),
      (takings.day_start(bucket), bucket + interval '15 minutes')
    ) as span (since, until)
    group by livemode, source, accounts.account, span.since, span.until, currency
  ),
  touched as materialized (
    select livemode, source, account, since, min(until) as first
    from added group by livemode, source, account, since
  ),
  -- The rows that change: the new ones, and all with the same `since` that end later.
  target as materialized (
    select livemode, source, account, since, until from added
    union
    select livemode, source, account, since, until
    from touched cross join lateral (
      select until from takings.rollup as later
      where later.livemode = touched.livemode and later.source = touched.source
        and later.account = touched.account and later.since = touched.since and later.until >= first
      offset 0
    ) as later
  ),
  part as (
    -- What the row contains already; if it is new, what the row before it contains.
    select livemode, source, account, since, target.until, known_totals.*
    from target cross join lateral (
      select totals from takings.rollup as known
      where known.livemode = target.livemode and known.source = target.source
        and known.account = target.account and known.since = target.since and known.until <= target.until
      order by known.until desc limit 1
    ) as known cross join lateral unnest(totals::takings.rollup_totals[]) as known_totals
    union all
    -- What was added up to its end.
    select livemode, source, account, since, until, currency, sum(gross) over earlier, sum(refunded) over earlier,
      sum(disputed) over earlier, (sum(payments) over earlier)::bigint, (sum(refunds) over earlier)::bigint,
      (sum(disputes) over earlier)::bigint
    from target
    join (select distinct livemode, source, account, since, currency from added) as named
      using (livemode, source, account, since)
    left join added using (livemode, source, account, since, until, currency)
    window earlier as (partition by livemode, source, account, since, currency order by until)
  )
  insert into takings.rollup (livemode, source, account, since, until, totals)
  select livemode, source, account, since, until, array_agg(
      (currency, gross, refunded, disputed, payments, refunds, disputes)::takings.rollup_totals order by currency
    )::text
  from (
    select livemode, source, account, since, until, currency, sum(gross) as gross, sum(refunded) as refunded,
      sum(disputed) as disputed, sum(payments)::bigint as payments, sum(refunds)::bigint as refunds,
      sum(disputes)::bigint as disputes
    from part
    -- A null sum: up to this row nothing was added in that currency.
    where gross is not null
    group by livemode, source, account, since, until, currency
  ) as by_currency
  group by livemode, source, account, since, until
  on conflict (livemode, source, account, since, until) do update set totals = excluded.totals;
end;
comment on function takings.add_to_rollup is
  'Adds deltas to the rollup. The caller must hold the row of the watermark.';

create function takings.apply_rollup_deltas(lag interval, max_deltas integer) returns bigint
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  cutoff timestamptz;
  clock timestamptz := takings.clock();
  deltas takings.rollup_deltas[];
begin
  if lag < interval '0' or max_deltas not between 1 and 100000 then
    raise exception 'lag must not be negative (%) and max_deltas must be 1 to 100000 (%)', lag, max_deltas
      using errcode = 'invalid_parameter_value';
  end if;
  perform from takings.rollup_watermark for update skip locked;
  if not found then
    return 0;
  end if;
  -- Whether a standby has it does not matter here: the rollup is replicated with the ledger.
  select safe_read_time into cutoff from takings.recording_state();
  -- While recorded time is ahead of the clock it hardly moves, and deltas would pile up if this waited for
  -- it.
  if cutoff <= clock then
    cutoff := cutoff - lag;
  end if;
  cutoff := least(
    cutoff, (select recorded_at from takings.rollup_deltas order by recorded_at offset max_deltas limit 1)
  );
  with applied as (
    delete from takings.rollup_deltas where recorded_at <= cutoff returning rollup_deltas
  )
  select array_agg(applied.rollup_deltas) into deltas from applied;
  if deltas is not null then
    perform takings.add_to_rollup(deltas);
  end if;
  update takings.rollup_watermark set watermark = cutoff where watermark < cutoff;
  -- The latest recording stays, because the cutoff is never later than that.
  delete from takings.recordings where recorded_at < cutoff;
  return coalesce(cardinality(deltas), 0);
end
$$;
comment on function takings.apply_rollup_deltas is
  'Applies deltas to the rollup, oldest first, up to `lag` before the safe read time and at most
`max_deltas`; returns how many. Needs a right on the watermark, whose row it locks; returns 0 at once where
another session holds that. The watermark only rises, because everything up to a safe read time is final.';

create function takings.advance_rollup() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return takings.apply_rollup_deltas(interval '2 seconds', 5000);
end
$$;
comment on function takings.advance_rollup is
  'Applies pending deltas to the rollup and returns how many. Any number of sessions may call it at any
time. The rollup stays two seconds behind, so that a reader that has just got its safe read time does not
find it beyond that.';

-- Up to the watermark the ledger does not change any more, so that part may be read in many statements. The
-- deltas after it are computed and replaced in one statement, whose snapshot is the same for both: what
-- writers add meanwhile is invisible to either and stays as it is.
create function takings.rebuild_rollup() returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  cutoff timestamptz;
  day timestamptz;
  days timestamptz[];
  deltas takings.rollup_deltas[];
begin
  select watermark into strict cutoff from takings.rollup_watermark for update;
  -- The watermark is never later than the safe read time, unless it was altered by hand.
  cutoff := least(cutoff, (select safe_read_time from takings.recording_state()));
  delete from takings.rollup;
  select array_agg(distinct takings.day_start(occurred_at)) into days from takings.ledger_as_of(cutoff);
  foreach day in array coalesce(days, '{}') loop
    select array_agg(delta) into deltas
    from (
      select (
        cutoff, livemode, source, account, takings.bucket_start(occurred_at), currency, sum(gross), sum(refunded),
        sum(disputed), sum(payments)::bigint, sum(refunds)::bigint, sum(disputes)::bigint
      )::takings.rollup_deltas as delta
      from (values (true), (false)) as mode (livemode)
      join takings.ledger_as_of(cutoff) using (livemode)
      cross join lateral takings.effect_of(kind, amount, 1)
      where occurred_at >= day and occurred_at < day + interval '24 hours'
      group by livemode, source, account, takings.bucket_start(occurred_at), currency
    ) as of_day;
    perform takings.add_to_rollup(deltas);
  end loop;
  with old as (
    delete from takings.rollup_deltas
  )
  insert into takings.rollup_deltas
  select at, livemode, source, account, takings.bucket_start(occurred_at), currency, sum(gross), sum(refunded),
    sum(disputed), sum(payments), sum(refunds), sum(disputes)
  from (
    select recorded_at as at, livemode, source, account, occurred_at, currency, kind, amount, 1 as sign
    from takings.ledger
    where recorded_at > cutoff
    union all
    select recorded_at, livemode, source, account, occurred_at, currency, kind, amount, 1
    from takings.ledger_superseded
    where recorded_at > cutoff
    union all
    select superseded_at, livemode, source, account, occurred_at, currency, kind, amount, -1
    from takings.ledger_superseded
    where superseded_at > cutoff
  ) as change
  cross join lateral takings.effect_of(kind, amount, sign)
  group by at, livemode, source, account, takings.bucket_start(occurred_at), currency;
  update takings.rollup_watermark set watermark = cutoff where watermark <> cutoff;
end
$$;
comment on function takings.rebuild_rollup is
  'Computes the rollup from the ledger as of the watermark, and the deltas after it. Holds the row of the
watermark until the transaction ends, so no other session advances the rollup.';


-- 8. Committed sequences ----------------------------------------------------------------------------------

create table takings.committed_sequences (
  -- When the stream was created: a stream that is deleted and created again has the same name and counts
  -- from 1. The empty string: not from the stream.
  stream text collate "C" not null,
  sequences int8multirange not null
);
comment on table takings.committed_sequences is
  'Which sequences of which stream are committed. Every batch inserts a row, in the transaction that stores
its events: so the two cannot disagree, writers never wait for each other, and a batch of duplicates writes
something too, so its commit waits for the standby like any other. Sets of sequences and not one highest,
because consumers commit in any order, and a database that was restored from a backup must show the hole.';

create function takings.compact_committed_sequences(at_least integer default 100) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  taken bigint;
begin
  if (select count(*) from (select from takings.committed_sequences limit at_least) as first_ones) < at_least then
    return 0;
  end if;
  with taken as (
    delete from takings.committed_sequences
    where ctid = any (array(select ctid from takings.committed_sequences for update skip locked))
    returning stream, sequences
  ),
  compacted as (
    insert into takings.committed_sequences (stream, sequences)
    select stream, range_agg(sequences) from taken group by stream
  )
  select count(*) into taken from taken;
  delete from takings.isolation_attempts as attempt using takings.committed_sequences as committed
  where committed.stream = attempt.stream and committed.sequences @> attempt.sequence;
  return taken;
end
$$;
comment on function takings.compact_committed_sequences is
  'Merges the rows into one per stream once there are `at_least` of them, and deletes the isolation attempts
of what is committed; returns how many rows it merged. Any number of sessions may call it at any time: each
takes the rows that no other holds.';


-- 9. Isolation attempts -----------------------------------------------------------------------------------

create table takings.isolation_attempts (
  stream text collate "C" not null,
  sequence bigint not null,
  unfinished integer not null,
  started_at timestamptz not null,
  primary key (stream, sequence)
);
comment on table takings.isolation_attempts is
  'Attempts to process a message in isolation that began and did not end, because the process vanished. A
message that does this repeatedly is quarantined (poison isolation).';

create function takings.end_isolation_attempt(in_stream text, at_sequence bigint) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from takings.isolation_attempts where stream = in_stream and sequence = at_sequence;
end;
comment on function takings.end_isolation_attempt is
  'Deletes the attempts at a message that the process survived. A function, because a right to delete from
the table would be a right to lock it.';


-- 10. Quarantine decisions --------------------------------------------------------------------------------

create table takings.quarantine_decisions (
  event_id text collate "C" not null,
  source text collate "C" not null,
  decision text not null check (decision in ('replayed', 'dismissed')),
  decided_at timestamptz not null,
  decided_by text not null,
  login text not null default session_user,
  -- Why the event was in quarantine.
  reason text not null,
  -- Why it was decided so.
  note text,
  foreign key (event_id, source) references takings.events
);
comment on table takings.quarantine_decisions is
  'What was decided about quarantined events, by whom and why. Rows are only ever inserted.';

create index quarantine_decisions_by_event on takings.quarantine_decisions (event_id, source, decided_at);


-- 11. Gaps ------------------------------------------------------------------------------------------------

create table takings.gaps (
  kind text collate "C" not null check (kind in ('payment', 'refund')),
  source text collate "C" not null,
  account text collate "C" not null,
  livemode boolean not null,
  -- The charge.
  object_id text collate "C" not null,
  payment_intent text,
  amount bigint not null check (amount > 0),
  currency text not null,
  -- The earliest event that shows it.
  seen_at timestamptz not null check (seen_at >= '1970-01-01Z' and seen_at < '10000-01-01Z'),
  event_id text collate "C" not null,
  primary key (object_id, kind, source, account, livemode)
);
comment on table takings.gaps is
  'Evidence that an event was not delivered: a charge shows money that no entry accounts for
(docs/revenue.md). A gap that is closed is deleted.';

create index gaps_by_time on takings.gaps (seen_at, object_id);

create function takings.open_gaps() returns setof takings.gaps
language sql stable parallel safe
begin atomic
  select * from takings.gaps where seen_at < now() - interval '1 hour';
end;
comment on function takings.open_gaps is
  'The gaps that count. A gap counts after an hour only, because the events of a payment arrive in any order
and Stripe retries for hours.';


-- 12. Reconciliations -------------------------------------------------------------------------------------

create table takings.reconciliations (
  source text collate "C" not null,
  account text not null,
  livemode boolean not null,
  -- Everything that Stripe has between these two is in the ledger. Null until a run has finished.
  complete_from timestamptz,
  complete_through timestamptz,
  -- How many entries the ledger lacks, all after `complete_through`, and how many differ from Stripe.
  missing bigint,
  different bigint,
  finished_at timestamptz,
  -- A run that has not finished: its parameters, its position and its counts.
  run jsonb,
  primary key (source, account, livemode),
  check (num_nulls(complete_from, complete_through, missing, different, finished_at) in (0, 5))
);
comment on table takings.reconciliations is
  'How far the ledger was compared with Stripe, per source, account and mode.';


-- 13. Payload retention -----------------------------------------------------------------------------------

-- A pruner has no right on any table, only on these functions. So a stolen login of a pruner can neither
-- read a payload, nor replace it, nor remove one that is still needed.

create function takings.is_past_retention(recorded_at timestamptz, older_than_days integer) returns boolean
language sql stable parallel safe
return recorded_at < now() - make_interval(days => older_than_days);
comment on function takings.is_past_retention is
  'Whether a payload is old enough to be pruned, by the clock of the database.';

create function takings.check_retention(older_than_days integer) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
begin
  if older_than_days is null or older_than_days not between 1 and 36500 then
    raise exception 'payload retention must be 1 to 36500 days' using errcode = 'invalid_parameter_value';
  end if;
end
$$;
comment on function takings.check_retention is 'Fails unless the retention is within the accepted range.';

create function takings.prune_payloads(older_than_days integer, since timestamptz, batch_size integer)
returns table (removed bigint, up_to timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform takings.check_retention(older_than_days);
  if since is null or batch_size is null or batch_size not between 1 and 10000 then
    raise exception 'pruning needs a recorded time to begin at and a batch size of 1 to 10000'
      using errcode = 'invalid_parameter_value';
  end if;
  return query
  with old as materialized (
    select events.event_id, events.source, events.recorded_at
    from takings.events
    where events.status = 'processed' and events.payload_removed_at is null and events.recorded_at >= since
      and events.rules = takings.current_rules_version()
      and takings.is_past_retention(events.recorded_at, older_than_days)
    order by events.recorded_at
    limit batch_size
    for no key update skip locked
  ),
  pruned as (
    update takings.events set payload = null, payload_removed_at = statement_timestamp()
    from old
    where (events.event_id, events.source) = (old.event_id, old.source)
    returning old.recorded_at
  )
  select count(*), max(pruned.recorded_at) from pruned;
end
$$;
comment on function takings.prune_payloads is
  'Removes at most `batch_size` payloads recorded at or after `since`, oldest first: those of processed
events that the current rules have read. A quarantined event keeps its payload, the only record of what it
means. Returns how many, and the recorded time of the last; null when none are left. Rows that others hold
are left for later. Begin the next batch where this one ended, because the index still contains what was
just removed.';

create function takings.count_prunable_payloads(older_than_days integer) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform takings.check_retention(older_than_days);
  return (
    select count(*) from takings.events
    where status = 'processed' and payload_removed_at is null and rules = takings.current_rules_version()
      and takings.is_past_retention(recorded_at, older_than_days)
  );
end
$$;
comment on function takings.count_prunable_payloads is 'How many payloads prune_payloads would remove now.';


-- 14. Functions that writers call -------------------------------------------------------------------------

-- What a writer may do beyond inserting rows and updating some columns. A right to delete from a table, or
-- to update all of it, would also be a right to lock it against everyone.

create function takings.retract_entries(ids text[], at timestamptz) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  with retracted as (
    delete from takings.ledger where id = any(ids) returning *
  ),
  history as (
    insert into takings.ledger_superseded (
      id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent,
      recorded_at, superseded_at
    )
    select id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent,
      recorded_at, greatest(recorded_at, at)
    from retracted
  )
  insert into takings.rollup_deltas
  select greatest(recorded_at, at), livemode, source, account, takings.bucket_start(occurred_at), currency,
    effect.*
  from retracted cross join lateral takings.effect_of(kind, amount, -1) as effect;
end;
comment on function takings.retract_entries is
  'Removes entries from the ledger and from the totals. ledger_superseded keeps what they were.';

create function takings.close_gaps(gaps jsonb) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from takings.gaps
  using jsonb_to_recordset(close_gaps.gaps)
    as closed (kind text, source text, account text, livemode boolean, object_id text)
  where (gaps.object_id, gaps.kind, gaps.source, gaps.account, gaps.livemode)
    = (closed.object_id, closed.kind, closed.source, closed.account, closed.livemode);
end;
comment on function takings.close_gaps is 'Deletes gaps, given as objects with the columns of their key.';

create function takings.replace_event(
  id text, of_source text, type text, created timestamptz, livemode boolean, account text, object_id text,
  payment_intent text, status text, reason text, facts jsonb, payment_object text, balance jsonb, payload bytea,
  payload_codec integer, rules integer, at timestamptz
) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  -- Only by an event that names an account, where the stored one names none or a greater one.
  perform from takings.events
  where event_id = id and source = of_source and dismissed_at is null and replace_event.account is not null
    and (events.account is null or events.account collate "C" > replace_event.account collate "C")
  for update;
  if not found then
    raise exception 'event % of source % cannot be replaced', id, of_source
      using errcode = 'invalid_parameter_value';
  end if;
  insert into takings.events_superseded
  select event_id, source, events.type, events.created, received_at, events.livemode, events.account,
    events.object_id, events.payment_intent, events.status, events.reason,
    greatest(recorded_at, (
      select max(superseded_at) from takings.events_superseded as past
      where past.event_id = id and past.source = of_source
    )),
    at
  from takings.events where event_id = id and source = of_source;
  update takings.events set
    type = replace_event.type, created = replace_event.created, livemode = replace_event.livemode,
    account = replace_event.account, object_id = replace_event.object_id,
    payment_intent = replace_event.payment_intent, status = replace_event.status, reason = replace_event.reason,
    facts = replace_event.facts, payment_object = replace_event.payment_object,
    balance = replace_event.balance, payload = replace_event.payload,
    payload_codec = replace_event.payload_codec, rules = replace_event.rules,
    payload_removed_at = case when replace_event.payload is null then at end
  where event_id = id and source = of_source;
end
$$;
comment on function takings.replace_event is
  'Replaces a stored event by another delivery under the same id that takes precedence, because it names an
account. events_superseded keeps the stored one.';


-- 15. Balance ledger --------------------------------------------------------------------------------------

-- Balance transactions and payouts as the latest readings of Stripe's API state them (`takings balance sync`);
-- payouts also as the latest `payout.*` event does. Of two statements the later one counts: first by `said_at`,
-- Stripe's clock in whole seconds, then by when the stream stored it, then by the id of the event. Deliveries
-- come in any order, and the result does not depend on it.
--
-- A transaction of category `payout` is the own transaction of the payout that is its source. A transaction
-- that records a payout, or such a transaction, first takes one of 64 advisory locks, by the id of the payout:
-- so of a payout and its own transaction that are recorded at the same time, one sees the other.

create table takings.balance_transactions (
  id text collate "C" not null,
  source text collate "C" not null,
  account text collate "C" not null,
  livemode boolean not null,
  type text not null,
  reporting_category text collate "C" not null,
  currency text collate "C" not null,
  gross bigint not null,
  fee bigint not null,
  net bigint not null check (net = gross::numeric - fee),
  created timestamptz not null,
  available_on timestamptz not null,
  status text,
  balance_type text,
  description text,
  source_id text collate "C",
  -- The automatic payout in whose list it is.
  payout text collate "C",
  -- The moment of the transaction: `created`, or the arrival date of the automatic payout whose own
  -- transaction this is (category `payout`, and `source_id` is the payout).
  effective_at timestamptz not null,
  -- The event that holds the reading that counts, and the order of that reading.
  event_id text collate "C" not null,
  said_at timestamptz not null,
  said_received_at timestamptz not null,
  -- The reading that says which payout it is in, and its order; null: none says it.
  payout_event_id text collate "C",
  payout_said_at timestamptz,
  payout_said_received_at timestamptz,
  recorded_at timestamptz not null,
  primary key (id, source, account, livemode)
);
comment on table takings.balance_transactions is
  'Every balance transaction that was read, once, as it is known today. What was known before is in
balance_transactions_superseded. Amounts, currency and created never change.';

create index balance_transactions_by_time
  on takings.balance_transactions (livemode, source, account, effective_at);
create index balance_transactions_by_time_of_all on takings.balance_transactions (livemode, source, effective_at);
create index balance_transactions_by_category
  on takings.balance_transactions (livemode, source, reporting_category, effective_at);
create index balance_transactions_by_category_of_account
  on takings.balance_transactions (livemode, source, account, reporting_category, effective_at);
create index balance_transactions_by_currency_and_time
  on takings.balance_transactions (livemode, source, account, currency, effective_at);
create index balance_transactions_by_currency_and_time_of_all
  on takings.balance_transactions (livemode, source, currency, effective_at);
create index balance_transactions_by_currency
  on takings.balance_transactions (livemode, source, account, currency, reporting_category, effective_at);
create index balance_transactions_by_currency_of_all
  on takings.balance_transactions (livemode, source, currency, reporting_category, effective_at);
create index balance_transactions_by_balance_type
  on takings.balance_transactions (livemode, source, balance_type, effective_at) where balance_type <> 'payments';
-- For the points of an hour that are no moment of a transaction.
create index balance_transactions_by_availability on takings.balance_transactions (livemode, source, available_on);
create index balance_transactions_by_departure on takings.balance_transactions (livemode, source, created)
  where effective_at > created;
-- In the whole order of a list, because the planner would sort a payout's transactions rather than read a page.
create index balance_transactions_by_payout
  on takings.balance_transactions (payout, source, effective_at, id, account) where payout is not null;
create index balance_transactions_of_payouts on takings.balance_transactions (source_id, source)
  where reporting_category = 'payout';
create index balance_transactions_by_recording on takings.balance_transactions (recorded_at);

create table takings.balance_transactions_superseded (
  like takings.balance_transactions,
  superseded_at timestamptz not null
);
comment on table takings.balance_transactions_superseded is
  'Earlier versions of balance transactions, so that the balance can be read as of any recorded time.';

create index balance_transactions_superseded_by_id
  on takings.balance_transactions_superseded (id, source, superseded_at);
create index balance_transactions_superseded_by_time
  on takings.balance_transactions_superseded (livemode, source, effective_at);
create index balance_transactions_superseded_by_recording
  on takings.balance_transactions_superseded (recorded_at);
create index balance_transactions_superseded_by_superseding
  on takings.balance_transactions_superseded (superseded_at);

create table takings.payouts (
  id text collate "C" not null,
  source text collate "C" not null,
  account text collate "C" not null,
  livemode boolean not null,
  amount bigint not null,
  currency text collate "C" not null,
  status text collate "C" not null,
  automatic boolean not null,
  arrival_date timestamptz not null,
  created timestamptz not null,
  trace_id text,
  reconciliation_status text,
  -- How many members Stripe listed when all of them had been read and committed; null: not read.
  members integer,
  event_id text collate "C" not null,
  said_at timestamptz not null,
  said_received_at timestamptz not null,
  members_event_id text collate "C",
  members_said_at timestamptz,
  members_said_received_at timestamptz,
  recorded_at timestamptz not null,
  primary key (id, source, account, livemode)
);
comment on table takings.payouts is
  'Every payout that was read or shown by an event, once, as it is known today.';

create index payouts_by_arrival on takings.payouts (livemode, source, account, arrival_date);
create index payouts_by_arrival_of_all on takings.payouts (livemode, source, arrival_date);

create table takings.payouts_superseded (
  like takings.payouts,
  superseded_at timestamptz not null
);
comment on table takings.payouts_superseded is 'Earlier versions of payouts.';

create index payouts_superseded_by_id on takings.payouts_superseded (id, source, superseded_at);
create index payouts_superseded_by_recording on takings.payouts_superseded (recorded_at);

-- What transactions add to totals: docs/decisions/0042. Only those that count have points.
create table takings.balance_deltas (
  recorded_at timestamptz not null,
  livemode boolean not null,
  source text collate "C" not null,
  account text collate "C" not null,
  currency text collate "C" not null,
  reporting_category text collate "C" not null,
  -- The instant after which it counts, or the start of its block; null: it counts for the members of `payout`.
  at timestamptz,
  payout text collate "C",
  count bigint not null,
  -- Numeric, because a sum of amounts can exceed the range of bigint.
  gross numeric not null,
  fee numeric not null,
  net numeric not null,
  -- Of the net that has been counted, what is not available yet.
  pending numeric not null,
  -- What automatic payouts took that has not arrived, positive, and how many these are.
  transit numeric not null,
  transits bigint not null,
  check ((at is null) = (payout is not null))
);
comment on table takings.balance_deltas is
  'What each batch added to the totals of the balance, and the rollup does not contain yet. Writers only
insert here, so they never wait for each other.';

create index balance_deltas_by_time on takings.balance_deltas (recorded_at);

-- A union and not a lateral list of values, whose expressions PostgreSQL prepares anew for every transaction.
create function takings.balance_points(of takings.balance_transactions, sign integer)
returns table (
  currency text, reporting_category text, at timestamptz, payout text, count bigint, gross numeric,
  fee numeric, net numeric, pending numeric, transit numeric, transits bigint
)
language sql immutable parallel safe
begin atomic
  -- When it is counted.
  select of.currency, of.reporting_category, of.effective_at, null::text, sign::bigint, sign * of.gross::numeric,
    sign * of.fee::numeric, sign * of.net::numeric,
    case when of.available_on - interval '1 microsecond' > of.effective_at then sign * of.net::numeric else 0 end,
    case when of.effective_at > of.created then sign * of.net::numeric else 0 end,
    case when of.effective_at > of.created then -sign::bigint else 0 end
  where coalesce(of.balance_type, 'payments') = 'payments'
  union all
  -- When it becomes available: the last microsecond at which it is not.
  select of.currency, of.reporting_category, of.available_on - interval '1 microsecond', null, 0, 0, 0, 0,
    -sign * of.net::numeric, 0, 0
  where coalesce(of.balance_type, 'payments') = 'payments'
    and of.available_on - interval '1 microsecond' > of.effective_at
  union all
  -- When an automatic payout leaves.
  select of.currency, of.reporting_category, of.created, null, 0, 0, 0, 0, 0, -sign * of.net::numeric, sign
  where coalesce(of.balance_type, 'payments') = 'payments' and of.effective_at > of.created
  union all
  -- As a member of a payout, unless it is the payout's own transaction.
  select of.currency, of.reporting_category, null, of.payout, sign, sign * of.gross::numeric,
    sign * of.fee::numeric, sign * of.net::numeric, 0, 0, 0
  where coalesce(of.balance_type, 'payments') = 'payments' and of.payout is not null
    and (of.reporting_category = 'payout' and of.source_id = of.payout) is not true;
end;
comment on function takings.balance_points is
  'What a transaction adds to totals, and from when; with `sign` -1, what its removal adds. The balance at an
instant is the sum of all points before it: available is net less pending. Defined here and nowhere else.';

create function takings.retract_balance_transactions(
  ids text[], sources text[], accounts text[], livemodes boolean[], at timestamptz
) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  with retracted as (
    delete from takings.balance_transactions as known
    using unnest(ids, sources, accounts, livemodes) as gone (id, source, account, livemode)
    where (known.id, known.source, known.account, known.livemode)
      = (gone.id, gone.source, gone.account, gone.livemode)
    returning known as before, greatest(known.recorded_at, at) as superseded_at
  ),
  history as (
    insert into takings.balance_transactions_superseded
    select (before).*, superseded_at from retracted
  )
  insert into takings.balance_deltas
  select superseded_at, (before).livemode, (before).source, (before).account, point.*
  from retracted cross join lateral takings.balance_points(before, -1) as point;
end;
comment on function takings.retract_balance_transactions is
  'Removes balance transactions and what they add to totals. balance_transactions_superseded keeps what they
were.';

create function takings.retract_payouts(
  ids text[], sources text[], accounts text[], livemodes boolean[], at timestamptz
) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  with retracted as (
    delete from takings.payouts as known
    using unnest(ids, sources, accounts, livemodes) as gone (id, source, account, livemode)
    where (known.id, known.source, known.account, known.livemode)
      = (gone.id, gone.source, gone.account, gone.livemode)
    returning known as before, greatest(known.recorded_at, at) as superseded_at
  )
  insert into takings.payouts_superseded select (before).*, superseded_at from retracted;
end;
comment on function takings.retract_payouts is 'Removes payouts. payouts_superseded keeps what they were.';

create table takings.balance_syncs (
  source text collate "C" not null,
  account text collate "C" not null,
  livemode boolean not null,
  -- Null: from the beginning.
  complete_from timestamptz,
  complete_through timestamptz,
  -- The recorded time from which answers contain what `complete_through` states.
  complete_recorded_at timestamptz,
  -- A round that has not finished: its range and its position.
  round jsonb,
  -- The latest time of a reading, by Stripe's clock: readings of one scope never go back in time.
  read_at timestamptz,
  primary key (source, account, livemode),
  check ((complete_through is null) = (complete_recorded_at is null))
);
comment on table takings.balance_syncs is
  'How far the balance ledger is complete, per source, account and mode. A row is made before the first request.';

create function takings.balance_transactions_as_of(moment timestamptz) returns setof takings.balance_transactions
language sql stable parallel safe
begin atomic
  select * from takings.balance_transactions where recorded_at <= moment
  union all
  select id, source, account, livemode, type, reporting_category, currency, gross, fee, net, created, available_on,
    status, balance_type, description, source_id, payout, effective_at, event_id, said_at, said_received_at,
    payout_event_id, payout_said_at, payout_said_received_at, recorded_at
  from takings.balance_transactions_superseded
  where recorded_at <= moment and superseded_at > moment;
end;
comment on function takings.balance_transactions_as_of is
  'The balance transactions as they were at a recorded time. The planner inlines it, so filters reach the
indexes.';

create function takings.balance_changes(after timestamptz, until timestamptz)
returns setof takings.balance_deltas
language sql stable parallel safe
begin atomic
  select change.at, (version).livemode, (version).source, (version).account, point.currency,
    point.reporting_category, point.at, point.payout, point.count, point.gross, point.fee, point.net,
    point.pending, point.transit, point.transits
  from (
    select recorded_at as at, 1 as sign, transaction as version
    from takings.balance_transactions as transaction
    where recorded_at > balance_changes.after and recorded_at <= balance_changes.until
    union all
    select case sign when 1 then recorded_at else superseded_at end, sign, (
        id, source, account, livemode, type, reporting_category, currency, gross, fee, net, created, available_on,
        status, balance_type, description, source_id, payout, effective_at, event_id, said_at,
        said_received_at, payout_event_id, payout_said_at, payout_said_received_at, recorded_at
      )::takings.balance_transactions
    from (
      select past.*, 1 as sign from takings.balance_transactions_superseded as past
      where recorded_at > balance_changes.after and recorded_at <= balance_changes.until
      union all
      select past.*, -1 from takings.balance_transactions_superseded as past
      where superseded_at > balance_changes.after and superseded_at <= balance_changes.until
    ) as past
  ) as change
  cross join lateral takings.balance_points(version, sign) as point;
end;
comment on function takings.balance_changes is
  'What the recordings after a recorded time and up to another one added to totals, from the transactions
themselves: the deltas that their writers inserted.';

-- The rollup has plain sums of blocks of time, so that the cost of a sum does not grow with the ledger. A block
-- of level 0 is ten minutes, and one of level n + 1 is three of level n, up to level 10 (410 days). The sum up
-- to an instant is all blocks of level 10 before the nearest boundary of that level, from there one block at most of each
-- lower level, added or subtracted, and what was counted since the start of its ten minutes. That is balanced ternary
-- (Knuth, The Art of Computer Programming, 4.1): of all bases it reads the fewest blocks. Cumulative sums would make an
-- addition to the past rewrite everything after it, and Stripe lists the newest transactions first.

create function takings.balance_block(level integer, at timestamptz) returns timestamptz
language sql immutable parallel safe
return date_bin(interval '10 minutes' * power(3, level), at, '2000-01-01 00:00:00Z');
comment on function takings.balance_block is
  'The start of the block of a level that an instant is in. Infinite instants are blocks of their own.';

create function takings.balance_steps(at timestamptz)
returns table (level integer, sign integer, start timestamptz, until timestamptz)
language sql immutable parallel safe
begin atomic
  -- The boundary of each level that is nearest to the start of the ten minutes. No boundary is as near as another one.
  with boundary as (
    select n as level,
      takings.balance_block(n, takings.balance_block(0, at) + interval '5 minutes' * power(3, n)) as start
    from generate_series(0, 10) as n
  )
  select this.level, case when upper.start < this.start then 1 else -1 end, least(this.start, upper.start),
    greatest(this.start, upper.start)
  from boundary as this
  join boundary as upper on upper.level = this.level + 1 and upper.start <> this.start
  union all
  select boundary.level, 1, '-infinity', boundary.start from boundary where boundary.level = 10;
end;
comment on function takings.balance_steps is
  'The blocks [start, until) of each level whose sums, added or by `sign` subtracted, are the sum of all of
level 0 before that of an instant.';

create table takings.balance_rollup (
  livemode boolean not null,
  source text collate "C" not null,
  -- '*': all accounts of the source together, the platform included.
  account text collate "C" not null,
  level integer not null check (level between 0 and 10),
  start timestamptz not null,
  currency text collate "C" not null,
  reporting_category text collate "C" not null,
  count bigint not null,
  gross numeric not null,
  fee numeric not null,
  net numeric not null,
  pending numeric not null,
  transit numeric not null,
  transits bigint not null,
  primary key (livemode, source, account, level, start, currency, reporting_category)
) with (fillfactor = 80);
comment on table takings.balance_rollup is
  'What was counted in each block of time, as of the watermark. The amounts are those of balance_deltas.';

create table takings.payout_totals (
  payout text collate "C" not null,
  source text collate "C" not null,
  account text collate "C" not null,
  livemode boolean not null,
  reporting_category text collate "C" not null,
  count bigint not null,
  gross numeric not null,
  fee numeric not null,
  net numeric not null,
  primary key (payout, source, account, livemode, reporting_category)
) with (fillfactor = 80);
comment on table takings.payout_totals is
  'What the members of each payout add up to, without its own transaction, as of the watermark.';

create table takings.balance_watermark (
  watermark timestamptz not null,
  only_row boolean primary key default true check (only_row)
);
comment on table takings.balance_watermark is
  'The recorded time up to which deltas were applied to balance_rollup and payout_totals, in one row. A session
that changes these holds the lock of this row.';

insert into takings.balance_watermark (watermark) values ('-infinity');

create function takings.add_to_balance_rollup(deltas takings.balance_deltas[]) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  blocks takings.balance_rollup[];
begin
  blocks := array(
    select row(
      livemode, source, whose.account, 0, takings.balance_block(0, at), currency, reporting_category, sum(count),
      sum(gross), sum(fee), sum(net), sum(pending), sum(transit), sum(transits)
    )::takings.balance_rollup
    from unnest(deltas) as delta
    cross join lateral (values (delta.account), ('*')) as whose (account)
    where at is not null
    group by livemode, source, whose.account, takings.balance_block(0, at), currency, reporting_category
  );
  -- Each level is added up from the one below, which has fewer rows than all deltas for every level.
  for upper in 1..11 loop
    insert into takings.balance_rollup as block
    select * from unnest(blocks)
    order by start
    on conflict (livemode, source, account, level, start, currency, reporting_category) do update set
      count = block.count + excluded.count, gross = block.gross + excluded.gross, fee = block.fee + excluded.fee,
      net = block.net + excluded.net, pending = block.pending + excluded.pending,
      transit = block.transit + excluded.transit, transits = block.transits + excluded.transits;
    exit when upper > 10;
    blocks := array(
      select row(
        livemode, source, account, upper, takings.balance_block(upper, start), currency, reporting_category,
        sum(count), sum(gross), sum(fee), sum(net), sum(pending), sum(transit), sum(transits)
      )::takings.balance_rollup
      from unnest(blocks)
      group by livemode, source, account, takings.balance_block(upper, start), currency, reporting_category
    );
  end loop;
  insert into takings.payout_totals as total
  select payout, source, account, livemode, reporting_category, sum(count), sum(gross), sum(fee), sum(net)
  from unnest(deltas)
  where payout is not null
  group by payout, source, account, livemode, reporting_category
  order by 1, 2, 3, 4, 5
  on conflict (payout, source, account, livemode, reporting_category) do update set
    count = total.count + excluded.count, gross = total.gross + excluded.gross, fee = total.fee + excluded.fee,
    net = total.net + excluded.net;
end
$$;
comment on function takings.add_to_balance_rollup is
  'Adds deltas to the sums. The caller must hold the row of the watermark.';

create function takings.apply_balance_deltas(lag interval, max_deltas integer) returns bigint
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  cutoff timestamptz;
  clock timestamptz := takings.clock();
  deltas takings.balance_deltas[];
begin
  if lag < interval '0' or max_deltas not between 1 and 100000 then
    raise exception 'lag must not be negative (%) and max_deltas must be 1 to 100000 (%)', lag, max_deltas
      using errcode = 'invalid_parameter_value';
  end if;
  perform from takings.balance_watermark for update skip locked;
  if not found then
    return 0;
  end if;
  select safe_read_time into cutoff from takings.recording_state();
  -- As in apply_rollup_deltas.
  if cutoff <= clock then
    cutoff := cutoff - lag;
  end if;
  cutoff := least(
    cutoff, (select recorded_at from takings.balance_deltas order by recorded_at offset max_deltas limit 1)
  );
  with applied as (
    delete from takings.balance_deltas where recorded_at <= cutoff returning balance_deltas
  )
  select array_agg(applied.balance_deltas) into deltas from applied;
  if deltas is not null then
    perform takings.add_to_balance_rollup(deltas);
  end if;
  update takings.balance_watermark set watermark = cutoff where watermark < cutoff;
  return coalesce(cardinality(deltas), 0);
end
$$;
comment on function takings.apply_balance_deltas is
  'Applies deltas to the sums of the balance, as apply_rollup_deltas does to the rollup.';

create function takings.advance_balance_rollup() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return takings.apply_balance_deltas(interval '2 seconds', 5000);
end
$$;
comment on function takings.advance_balance_rollup is
  'Applies pending deltas to the sums of the balance and returns how many. Any number of sessions may call it at
any time.';

-- As rebuild_rollup: the part up to the watermark is final, and the deltas after it are replaced in one
-- statement.
create function takings.rebuild_balance_rollup() returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  cutoff timestamptz;
begin
  select watermark into strict cutoff from takings.balance_watermark for update;
  -- The watermark is never later than the safe read time, unless it was altered by hand.
  cutoff := least(cutoff, (select safe_read_time from takings.recording_state()));
  delete from takings.balance_rollup;
  delete from takings.payout_totals;
  insert into takings.balance_rollup
  select livemode, source, account, 0, takings.balance_block(0, at), point.currency, point.reporting_category,
    sum(count), sum(point.gross), sum(point.fee), sum(point.net), sum(pending), sum(transit), sum(transits)
  from takings.balance_transactions_as_of(cutoff) as transaction
  cross join lateral takings.balance_points(transaction, 1) as point
  where at is not null
  group by 1, 2, 3, 5, 6, 7;
  insert into takings.balance_rollup
  select livemode, source, '*', 0, start, currency, reporting_category, sum(count), sum(gross), sum(fee), sum(net),
    sum(pending), sum(transit), sum(transits)
  from takings.balance_rollup
  group by 1, 2, 5, 6, 7;
  for upper in 1..10 loop
    insert into takings.balance_rollup
    select livemode, source, account, upper, takings.balance_block(upper, start), currency, reporting_category,
      sum(count), sum(gross), sum(fee), sum(net), sum(pending), sum(transit), sum(transits)
    from takings.balance_rollup
    where level = upper - 1
    group by 1, 2, 3, 5, 6, 7;
  end loop;
  insert into takings.payout_totals
  select point.payout, source, account, livemode, point.reporting_category, sum(count), sum(point.gross),
    sum(point.fee), sum(point.net)
  from takings.balance_transactions_as_of(cutoff) as transaction
  cross join lateral takings.balance_points(transaction, 1) as point
  where transaction.payout is not null and at is null
  group by 1, 2, 3, 4, 5;
  with old as (
    delete from takings.balance_deltas
  )
  insert into takings.balance_deltas
  select recorded_at, livemode, source, account, currency, reporting_category, takings.balance_block(0, at),
    payout, sum(count), sum(gross), sum(fee), sum(net), sum(pending), sum(transit), sum(transits)
  from takings.balance_changes(cutoff, 'infinity')
  group by 1, 2, 3, 4, 5, 6, 7, 8;
  update takings.balance_watermark set watermark = cutoff where watermark <> cutoff;
end
$$;
comment on function takings.rebuild_balance_rollup is
  'Computes the sums from the transactions as of the watermark, and the deltas after it. Holds the row of the
watermark until the transaction ends.';



-- 16. Grants ----------------------------------------------------------------------------------------------

-- Updates are granted by column: a right to update a whole table is a right to lock it against everyone.
-- docs/security.md describes what a stolen login of each role could do.
-- packages/postgres/test/privileges.test.ts lists every right, so that none is granted unnoticed.
grant usage on schema takings
  to takings_writer, takings_reader, takings_purger, takings_reconciler, takings_pruner;

-- takings_writer. Payloads and earlier versions can be inserted, but not read. An entry keeps its key.
grant select on takings.migrations, takings.sources to takings_writer;
grant insert, select (
  event_id, source, type, created, received_at, recorded_at, livemode, account, object_id, status, dismissed_at,
  facts, payment_object, balance
) on takings.events to takings_writer;
grant select, insert, update (belongs_to) on takings.payment_objects to takings_writer;
grant select, insert, update (amount, currency, occurred_at, event_id, payment_intent, recorded_at)
  on takings.ledger to takings_writer;
grant insert on takings.ledger_superseded, takings.rollup_deltas, takings.committed_sequences to takings_writer;
grant select, insert, update (payment_intent, amount, currency, seen_at, event_id)
  on takings.gaps to takings_writer;
grant select, insert, update (unfinished, started_at) on takings.isolation_attempts to takings_writer;
-- A balance transaction keeps its key, its amounts, its currency and when it was created.
grant select, insert, update (
  type, reporting_category, available_on, status, balance_type, description, source_id, payout, effective_at,
  event_id, said_at, said_received_at, payout_event_id, payout_said_at, payout_said_received_at, recorded_at
) on takings.balance_transactions to takings_writer;
grant select, insert, update (
  amount, currency, status, automatic, arrival_date, created, trace_id, reconciliation_status, members, event_id,
  said_at, said_received_at, members_event_id, members_said_at, members_said_received_at, recorded_at
) on takings.payouts to takings_writer;
grant insert
  on takings.balance_transactions_superseded, takings.payouts_superseded, takings.balance_deltas
  to takings_writer;
grant execute on function
  takings.register_source(text, text),
  takings.begin_recording(),
  takings.recording_state(),
  takings.advance_recorded_time(),
  takings.bucket_start(timestamptz),
  takings.effect_of(text, numeric, integer),
  takings.advance_rollup(),
  takings.advance_balance_rollup(),
  takings.compact_committed_sequences(integer),
  takings.end_isolation_attempt(text, bigint),
  takings.open_gaps(),
  takings.retract_entries(text[], timestamptz),
  takings.close_gaps(jsonb),
  takings.replace_event(
    text, text, text, timestamptz, boolean, text, text, text, text, text, jsonb, text, jsonb, bytea, integer,
    integer, timestamptz
  ),
  takings.balance_points(takings.balance_transactions, integer),
  takings.balance_block(integer, timestamptz),
  takings.balance_steps(timestamptz),
  takings.retract_balance_transactions(text[], text[], text[], boolean[], timestamptz),
  takings.retract_payouts(text[], text[], text[], boolean[], timestamptz)
  to takings_writer;

-- takings_reader. Everything but the progress of a running reconciliation and what only writers need.
grant select on
  takings.migrations,
  takings.sources,
  takings.events,
  takings.events_superseded,
  takings.payment_objects,
  takings.ledger,
  takings.ledger_superseded,
  takings.rollup,
  takings.rollup_deltas,
  takings.rollup_watermark,
  takings.quarantine_decisions,
  takings.gaps,
  takings.balance_transactions,
  takings.balance_transactions_superseded,
  takings.payouts,
  takings.payouts_superseded,
  takings.balance_deltas,
  takings.balance_rollup,
  takings.payout_totals,
  takings.balance_watermark
  to takings_reader;
grant select (source, account, livemode, complete_from, complete_through, complete_recorded_at)
  on takings.balance_syncs to takings_reader;
grant select (source, account, livemode, complete_from, complete_through, missing, different, finished_at)
  on takings.reconciliations to takings_reader;
grant execute on function
  takings.current_rules_version(),
  takings.ledger_as_of(timestamptz),
  takings.recording_state(),
  takings.safe_read_time(),
  takings.bucket_start(timestamptz),
  takings.day_start(timestamptz),
  takings.effect_of(text, numeric, integer),
  takings.open_gaps(),
  takings.balance_block(integer, timestamptz),
  takings.balance_steps(timestamptz),
  takings.balance_points(takings.balance_transactions, integer),
  takings.balance_transactions_as_of(timestamptz),
  takings.balance_changes(timestamptz, timestamptz)
  to takings_reader;

-- takings_purger. Which messages may be deleted from the stream, and nothing else.
grant select on takings.committed_sequences to takings_purger;

-- takings_reconciler. What is known of payments, but no payload and no entry.
grant select on takings.sources, takings.payment_objects, takings.gaps to takings_reconciler;
grant select (event_id, source, type, created, livemode, account, object_id, facts, payment_object)
  on takings.events to takings_reconciler;
grant select, insert, update (complete_from, complete_through, missing, different, finished_at, run)
  on takings.reconciliations to takings_reconciler;
grant select (
  id, source, account, livemode, type, reporting_category, currency, gross, fee, net, created, available_on,
  status, balance_type, description, source_id, payout
) on takings.balance_transactions to takings_reconciler;
grant select (
  id, source, account, livemode, amount, currency, status, automatic, arrival_date, created, trace_id,
  reconciliation_status, members
) on takings.payouts to takings_reconciler;
grant select, insert, update (complete_from, complete_through, complete_recorded_at, round, read_at)
  on takings.balance_syncs to takings_reconciler;
-- Whether the consumer works.
grant select on takings.committed_sequences to takings_reconciler;
grant execute on function takings.recording_state() to takings_reconciler;

-- takings_pruner. Two functions and no table.
grant execute on function
  takings.prune_payloads(integer, timestamptz, integer),
  takings.count_prunable_payloads(integer)
  to takings_pruner;
