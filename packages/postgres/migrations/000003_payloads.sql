-- The long-term store of bodies: compressed on the way in, each with the means to forget it and keep what it meant.

alter table takings.events
  -- How the bytes in `payload` were made from the body. 0: they are the body. 1: a zstd frame with dictionary 1.
  -- A dictionary is never changed, so that a row once written can always be read; a better one is a new number.
  add column payload_codec smallint not null default 0 check (payload_codec >= 0),
  -- When the body was removed to save room. The event itself, its columns and its claims stay for good.
  add column payload_removed_at timestamptz,
  -- What the event says of the ledger: a list of claims, less what the other columns say already (an absent
  -- object_id, payment_intent, occurred_at, account or livemode is that of the event; the witness is the event).
  -- Amounts are text. Null: the event claims nothing. "undecoded": nobody has written down yet what it claims,
  -- which is so for the rows that are older than this column; this default reaches them without rewriting them.
  add column claims jsonb default '"undecoded"',
  alter column payload drop not null,
  add constraint events_payload_is_there_or_was_removed
    check ((payload is null) = (payload_removed_at is not null));

alter table takings.events alter column claims drop default;
-- What is compressed already would only cost time to compress again.
alter table takings.events alter column payload set storage external;

-- The listings are in the order of (created, event_id). Events of one second are few and quickly sorted, so the id,
-- which would be most of these indexes, is left to that.
drop index takings.events_by_created, takings.events_by_type;
create index events_by_created on takings.events (created);
create index events_by_type on takings.events (type, created);

-- The bodies that may be removed, oldest first; a removed one leaves this index.
create index events_by_recording_with_payload on takings.events (recorded_at)
  where payload_removed_at is null and status = 'processed' and claims is distinct from '"undecoded"';

do $$
begin
  if not exists (select from pg_roles where rolname = 'takings_pruner') then
    create role takings_pruner nologin;
  end if;
end
$$;

-- It can make bodies vanish, and neither read one nor touch anything else.
grant usage on schema takings to takings_pruner;
grant select (event_id, status, recorded_at, payload_removed_at, claims), update (payload, payload_removed_at)
  on takings.events to takings_pruner;
