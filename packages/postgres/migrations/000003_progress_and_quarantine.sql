-- What of the stream is committed, what was tried alone, and what became of the events in quarantine.

do $$
begin
  if not exists (select from pg_roles where rolname = 'takings_purger') then
    create role takings_purger nologin;
  end if;
end
$$;

-- Which sequences of which stream are committed. Every batch adds a row of its own, in the transaction that stores
-- its events: the two cannot disagree, writers never wait for one another, and a batch of nothing but duplicates
-- writes something too, so that its commit waits for the standby like any other. A set and not a highest number,
-- because several consumers commit in any order, and a database restored from a backup must show the gap.
create table takings.committed_sequences (
  -- The stream's moment of creation: one made anew has the same name and begins to count again. Empty: what came
  -- another way.
  stream text collate "C" not null,
  sequences int8multirange not null
);

-- Trials of single events that were begun and not ended: what a process that vanished was working on alone.
create table takings.isolation_attempts (
  stream text collate "C" not null,
  sequence bigint not null,
  unfinished integer not null,
  started_at timestamptz not null,
  primary key (stream, sequence)
);

-- Makes one row of the many, and forgets the trials of what is committed. Called by any number of consumers at any
-- time: each takes the rows that no other one holds. Tells how many rows it took.
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
  delete from takings.isolation_attempts using takings.committed_sequences as progress
  where progress.stream = isolation_attempts.stream and progress.sequences @> isolation_attempts.sequence;
  return taken;
end
$$;

-- Strikes off a trial that was lived through. A right to delete would be one to lock the table.
create function takings.end_isolation_attempt(in_stream text, at_sequence bigint) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from takings.isolation_attempts where stream = in_stream and sequence = at_sequence;
end;

-- A person has decided that the event means nothing for the ledger. It stays as it is, and stops being open.
alter table takings.events add column dismissed_at timestamptz check (dismissed_at is null or status = 'quarantined');
create index events_in_quarantine on takings.events (recorded_at) where status = 'quarantined' and dismissed_at is null;

-- What an event was known as before a replay understood it, or a rebuild read it otherwise, so that a list as of an
-- earlier moment still has it where it was. A replayed event is recorded at the moment of its replay, as its entries are;
-- one that a rebuild read keeps its recorded time, by which its body is old enough to be removed.
create table takings.events_superseded (
  event_id text collate "C" not null references takings.events,
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
  superseded_at timestamptz not null
);
create index events_superseded_by_created on takings.events_superseded (created);
create index events_superseded_by_event on takings.events_superseded (event_id, superseded_at);

-- What was decided about events in quarantine, by whom and why. Only ever added to.
create table takings.quarantine_decisions (
  event_id text collate "C" not null references takings.events,
  decision text not null check (decision in ('replayed', 'dismissed')),
  decided_at timestamptz not null,
  decided_by text not null,
  login text not null default session_user,
  -- Why it was in quarantine, and why it was decided so.
  reason text not null,
  note text
);
create index quarantine_decisions_by_event on takings.quarantine_decisions (event_id, decided_at);

grant usage on schema takings to takings_purger;
grant select on takings.committed_sequences to takings_purger;
grant insert on takings.committed_sequences to takings_writer;
grant select, insert, update (unfinished, started_at) on takings.isolation_attempts to takings_writer;
grant execute on function takings.compact_committed_sequences(integer), takings.end_isolation_attempt(text, bigint) to takings_writer;
grant select (status, dismissed_at) on takings.events to takings_writer;
grant select on takings.quarantine_decisions, takings.events_superseded to takings_reader;
