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
  -- The body as received, byte for byte. Not jsonb: that refuses valid JSON such as "\u0000" and forgets spacing.
  payload bytea,
  -- How the bytes in `payload` were made from the body. 0: they are the body. 1: a zstd frame with dictionary 1.
  -- A dictionary is never changed, so that a row once written can always be read; a better one is a new number.
  payload_codec smallint not null check (payload_codec >= 0),
  -- When the body was removed to save room. The event itself, its columns and its claims stay for good.
  payload_removed_at timestamptz,
  constraint events_payload_is_there_or_was_removed check ((payload is null) = (payload_removed_at is not null)),
  -- What is not understood yet has its meaning nowhere but in its body.
  constraint events_quarantined_keeps_its_body check (status = 'processed' or payload is not null)
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

create index ledger_by_time on takings.ledger (livemode, account, occurred_at, id);
create index ledger_by_time_of_all on takings.ledger (livemode, occurred_at, id);
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

-- recorded_at must be a clock that readers can trust: once a reader has been told a moment, nothing may be
-- recorded at or before it. A writer therefore shows, until it has committed, a lock whose key is a time no
-- later than its recorded_at; a reader stays below every lock it sees. PostgreSQL makes a commit visible before
-- it releases the locks, so a lock that is gone is a commit that can be read.
create function takings.begin_recording() returns timestamptz
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock_shared((extract(epoch from clock_timestamp()) * 1000000)::bigint);
  return clock_timestamp();
end
$$;

create function takings.latest_moment() returns timestamptz
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  now timestamptz := clock_timestamp();
  oldest_recording bigint;
begin
  -- A bigint key has objsubid 1 and its halves in classid and objid.
  select min((classid::bigint << 32) | objid::bigint) into oldest_recording
  from pg_locks
  where locktype = 'advisory' and objsubid = 1 and mode = 'ShareLock'
    and database = (select oid from pg_database where datname = current_database());
  return least(now, 'epoch'::timestamptz + oldest_recording * interval '1 microsecond')
    - interval '1 microsecond';
end
$$;

-- Rights to update are granted by column, because whoever may update a whole table may also lock it against everyone.
grant usage on schema takings to takings_writer, takings_reader, takings_pruner;
grant select on takings.migrations to takings_writer, takings_reader;
grant select (event_id), insert on takings.events to takings_writer;
-- Which entry it is stays for good: only what a smaller event says otherwise can change.
grant select, insert, update (amount, currency, occurred_at, event_created, event_id, payment_intent,
  payment_intent_created, payment_intent_event_id, recorded_at) on takings.ledger to takings_writer;
grant insert on takings.ledger_superseded to takings_writer;
grant select on takings.events, takings.ledger, takings.ledger_superseded to takings_reader;

grant execute on function takings.begin_recording() to takings_writer;
grant execute on function takings.ledger_as_of(timestamptz), takings.latest_moment() to takings_reader;
