-- The store of Takings: what Stripe sent, and the ledger that follows from it.

-- Who may do what. Logins are made by whoever runs the database and are given one of these roles.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['takings_writer', 'takings_reader', 'takings_pruner'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I nologin', wanted);
    end if;
  end loop;
end
$$;

-- Nobody may run a function that was not granted. A function whose body is parsed when it runs (plpgsql) names the path
-- on which its names are looked up, with `pg_temp` last: left unnamed it comes first, and whoever calls the function
-- could put a type or a view of its own there, with code in it. Bodies between `begin atomic` and `end` were parsed once.
alter default privileges revoke execute on functions from public;

create table takings.events (
  -- The id alone is the key, with no time or partition beside it: one event, one row, for good.
  event_id text collate "C" primary key,
  type text collate "C" not null,
  created timestamptz not null,
  received_at timestamptz not null,
  recorded_at timestamptz not null,
  livemode boolean,
  account text,
  object_id text,
  payment_intent text,
  status text not null check (status in ('processed', 'quarantined')),
  reason text check ((status = 'quarantined') = (reason is not null)),
  -- What the event says of the ledger: a list of claims, less what the other columns say already (an absent
  -- object_id, payment_intent, occurred_at, account or livemode is that of the event; the witness is the event).
  -- Amounts are text. Null: the event claims nothing. With this the ledger can be made again without the body.
  claims jsonb,
  -- What these columns say was read from the body by rules of this version (`rulesVersion` in the domain).
  rules smallint not null check (rules >= 0),
  -- The body as received, byte for byte. Not jsonb: that refuses valid JSON such as "\u0000" and forgets spacing.
  payload bytea,
  -- How the bytes in `payload` were made from the body. 0: they are the body. 1: a zstd frame with dictionary 1.
  -- A dictionary is never changed, so that a row once written can always be read; a better one is a new number.
  payload_codec smallint not null check (payload_codec >= 0),
  -- When the body was removed to save room. The event itself, its columns and its claims stay for good.
  payload_removed_at timestamptz,
  constraint events_payload_present_or_removed check ((payload is null) = (payload_removed_at is not null)),
  -- What is not understood yet has its meaning nowhere but in its body.
  constraint events_quarantined_keeps_payload check (status = 'processed' or payload is not null)
);
-- What is compressed already would only cost time to compress again.
alter table takings.events alter column payload set storage external;

-- The listings are in the order of (created, event_id). Events of one second are few and quickly sorted, so the id,
-- which would be most of these indexes, is left to that.
create index events_by_created on takings.events (created);
create index events_by_type on takings.events (type, created);
create index events_by_payment_intent on takings.events (payment_intent) where payment_intent is not null;
create index events_by_object on takings.events (object_id) where object_id is not null;
-- The bodies that may be removed, oldest first; a removed one leaves this index.
create index events_by_recording_with_payload on takings.events (recorded_at)
  where payload_removed_at is null and status = 'processed';

create table takings.ledger (
  -- Derived from (kind, account, livemode, object_id), so this key is what makes money count once.
  id text collate "C" primary key,
  kind text not null
    check (kind in ('payment', 'refund', 'refund_reversal', 'dispute', 'dispute_reversal')),
  -- Empty for the platform itself, so that one comparison serves every account.
  account text not null,
  livemode boolean not null,
  object_id text not null,
  amount bigint not null check (amount <> 0),
  currency text not null,
  occurred_at timestamptz not null,
  -- The event that decides this entry: of all that speak of it the smallest by (created, id).
  event_created timestamptz not null,
  event_id text collate "C" not null,
  -- The payment it belongs to, from the smallest event that names one.
  payment_intent text,
  payment_intent_created timestamptz,
  payment_intent_event_id text collate "C",
  recorded_at timestamptz not null
);

-- Of each filter that a question may have an index, so that what there is little of is found without reading the rest.
-- The listings are in the order of (occurred_at, id); as with events, the id is left to sorting those of one second.
create index ledger_by_time on takings.ledger (livemode, account, occurred_at);
create index ledger_by_time_of_all on takings.ledger (livemode, occurred_at);
create index ledger_by_currency on takings.ledger (livemode, account, currency, occurred_at);
create index ledger_by_currency_of_all on takings.ledger (livemode, currency, occurred_at);
create index ledger_by_payment_intent on takings.ledger (payment_intent) where payment_intent is not null;

-- What an entry said before an earlier event took over: the ledger as it stood can still be read.
create table takings.ledger_superseded (
  like takings.ledger,
  superseded_at timestamptz not null
);

create index ledger_superseded_by_id on takings.ledger_superseded (id, superseded_at);

-- The ledger as it stood at a moment. Inlined by the planner, so filters reach the indexes.
create function takings.ledger_as_of(moment timestamptz) returns setof takings.ledger
language sql stable parallel safe
begin atomic
  select * from takings.ledger where recorded_at <= moment
  union all
  select id, kind, account, livemode, object_id, amount, currency, occurred_at, event_created, event_id,
    payment_intent, payment_intent_created, payment_intent_event_id, recorded_at
  from takings.ledger_superseded
  where recorded_at <= moment and superseded_at > moment;
end;

-- The database's clock, which is a hint and no more: it may step back or run ahead. Tests replace this function.
create function takings.clock() returns timestamptz
language sql volatile return clock_timestamp();

-- The recorded time of every recording. It lives with the data and is replicated with it, so recorded time goes on
-- where it was after a failover or a restore, whatever the clock says. Only the latest row is needed.
create table takings.recordings (
  recorded_at timestamptz not null
);
-- Not unique: two recordings would wait for each other.
create index recordings_by_time on takings.recordings (recorded_at);
insert into takings.recordings (recorded_at) values (takings.clock());

-- Once a reader has been told a moment, nothing may be recorded at or before it. A recording therefore shows, until
-- its transaction has ended, an advisory lock whose key is a time before its own recorded_at; a reader is told no more
-- than the smallest key it sees, and no more than the latest time that is committed (safe_read_time). A recording whose
-- lock a reader did not see shows it later, and then looks what is committed: it is later than what the reader was told.
-- PostgreSQL makes a commit visible before it releases the locks, so a lock that is gone is a commit that can be read.
-- Twelve bits say that the key is one of these, the others are microseconds since 1970, which lasts until 2112.
create function takings.begin_recording() returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  latest timestamptz;
  shown bigint;
  mine timestamptz;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a recording needs a transaction that is read committed'
      using errcode = 'invalid_transaction_state',
        hint = 'In a snapshot from before its lock it cannot see what readers have been told.';
  end if;
  -- Held to the end, as the advisory lock is, and before it: by this a recording is known, because nobody else has a
  -- right on this table. Whether the login may still record does not matter then.
  lock table takings.recordings in row exclusive mode;
  select max(recorded_at) into latest from takings.recordings;
  shown := least((extract(epoch from greatest(takings.clock(), latest)) * 1000000)::bigint, (1::bigint << 52) - 1);
  -- An earlier time is as good, so nobody can make a recording wait.
  while not pg_try_advisory_xact_lock_shared((x'7a6'::bigint << 52) | shown) loop
    shown := shown - 1;
  end loop;
  -- A new statement, so it sees whatever was committed when the lock could be seen.
  select max(recorded_at) into latest from takings.recordings;
  mine := greatest(
    takings.clock(), 'epoch'::timestamptz + (shown + 1) * interval '1 microsecond', latest + interval '1 microsecond'
  );
  insert into takings.recordings (recorded_at) values (mine);
  return mine;
end
$$;

-- How recorded time stands. `latest`: what is committed. `settled`: up to when nothing more will be recorded.
-- `oldest`: since when the oldest recording is in progress. `now`: the clock.
create function takings.recording_state(
  out latest timestamptz, out settled timestamptz, out oldest timestamptz, out now timestamptz
)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if pg_is_in_recovery() then
    raise exception 'this server is a standby, and which recordings are in progress is known to the primary only'
      using errcode = 'TK001', hint = 'Point DATABASE_URL at the primary.';
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'the safe read time has to be asked for in a transaction that is read committed'
      using errcode = 'invalid_transaction_state', hint = 'Ask before the snapshot is taken.';
  end if;
  select max(recorded_at) into latest from takings.recordings;
  if latest is null then
    raise exception 'takings.recordings is empty' using errcode = 'TK001', hint = 'It was emptied; insert now().';
  end if;
  -- Whoever can log in can take an advisory lock, so only those count that come with what `begin_recording` locks.
  with held as materialized (
    select * from pg_locks where database = (select oid from pg_database where datname = current_database())
  )
  select 'epoch'::timestamptz + min(key & ((1::bigint << 52) - 1)) * interval '1 microsecond' into oldest
  from held as shown
  -- A bigint key has objsubid 1 and its halves in classid and objid.
  cross join lateral (values ((classid::bigint << 32) | objid::bigint)) as halves (key)
  where locktype = 'advisory' and objsubid = 1 and mode = 'ShareLock' and granted and key >> 52 = x'7a6'::bigint
    and exists (
      select from held as begun
      where begun.virtualtransaction = shown.virtualtransaction and begun.locktype = 'relation'
        and begun.relation = 'takings.recordings'::regclass and begun.mode = 'RowExclusiveLock' and begun.granted
    );
  settled := least(latest, oldest);
  now := takings.clock();
end
$$;

-- The moment that a reader may be told. It never comes from the clock.
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
        hint = 'Find its session in pg_locks and end it: see the runbook TakingsRecordingStuck.';
  end if;
  return state.settled;
end
$$;

-- Keeps the safe read time near the present while nothing happens, by a recording of nothing. While a recording is in
-- progress that holds the moment back, another would change nothing; and where it waits for a standby that is away, each
-- would leave one more session that waits.
create function takings.advance_recorded_time() returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  state record;
begin
  select * into state from takings.recording_state();
  if state.oldest is null and state.latest < state.now - interval '500 milliseconds' then
    perform takings.begin_recording();
  end if;
end
$$;

-- The present version. A change of the rules comes with a migration that replaces this function. Only what was read by
-- these may lose its body: what older rules read wrongly can be read again from the body alone.
create function takings.current_rules_version() returns smallint
language sql immutable parallel safe return 1::smallint;

-- What is true of the whole installation, in one row.
create table takings.installation (
  -- Events of this account are the platform's own. All that reads bodies has to agree on it, so it is kept here and
  -- not only in the environment of each.
  stripe_account_id text not null check (stripe_account_id ~ '^acct_\w+$'),
  only_row boolean primary key default true check (only_row)
);

-- Notes the account where none is noted yet, and tells which one is noted then. `has_events`: events were stored
-- before, and may have been read without knowing the account.
create function takings.register_account(wanted text)
returns table (stripe_account_id text, is_new boolean, has_events boolean)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  insert into takings.installation (stripe_account_id) values (wanted) on conflict do nothing;
  is_new := found;
  return query
    select installation.stripe_account_id, is_new, exists (select from takings.events)
    from takings.installation;
end
$$;

-- Rights to update are granted by column, because whoever may update a whole table may also lock it against everyone.
grant usage on schema takings to takings_writer, takings_reader, takings_pruner;
grant select on takings.migrations, takings.installation to takings_writer, takings_reader;
grant select (event_id), insert on takings.events to takings_writer;
-- Which entry it is stays for good: only what a smaller event says otherwise can change.
grant select, insert, update (amount, currency, occurred_at, event_created, event_id, payment_intent,
  payment_intent_created, payment_intent_event_id, recorded_at) on takings.ledger to takings_writer;
grant insert, select (id, superseded_at) on takings.ledger_superseded to takings_writer;
grant select on takings.events, takings.ledger, takings.ledger_superseded to takings_reader;

grant execute on function takings.begin_recording(), takings.advance_recorded_time(), takings.register_account(text)
  to takings_writer;
grant execute on function takings.ledger_as_of(timestamptz), takings.safe_read_time(), takings.recording_state(),
  takings.current_rules_version() to takings_reader;
