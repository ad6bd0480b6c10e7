-- Removing bodies to save room. A pruner has no right on any table: these functions are all that it can do, so whoever
-- has its login can neither read a body, nor put another in its place, nor remove one that is still needed.

-- The bodies that may go: of processed events that were read by the present rules, and old enough by the database's own
-- clock. A body in quarantine is the
-- only record of what its event means.
create function takings.is_past_retention(recorded_at timestamptz, older_than_days integer) returns boolean
language sql stable parallel safe
return recorded_at < now() - make_interval(days => older_than_days);

-- Removes at most `most` bodies recorded at or after `since`, oldest first, and tells how many those were and up to
-- which recording; no row is left when that is null. What somebody else holds is kept until another time. A batch begins
-- where the last one ended, because the index still leads through what was just removed.
create function takings.prune_payloads(older_than_days integer, since timestamptz, most integer)
returns table (removed bigint, up_to timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform takings.check_retention(older_than_days);
  if since is null or most is null or most not between 1 and 10000 then
    raise exception 'a batch of bodies to remove has a beginning and between 1 and 10000 of them'
      using errcode = 'invalid_parameter_value';
  end if;
  return query
  with old as materialized (
    select events.event_id, events.recorded_at
    from takings.events
    where events.status = 'processed' and events.payload_removed_at is null and events.recorded_at >= since
      and events.rules = takings.current_rules_version()
      and takings.is_past_retention(events.recorded_at, older_than_days)
    order by events.recorded_at
    limit most
    for no key update skip locked
  ),
  gone as (
    update takings.events set payload = null, payload_removed_at = statement_timestamp()
    from old
    where events.event_id = old.event_id
    returning old.recorded_at
  )
  select count(*), max(gone.recorded_at) from gone;
end
$$;

-- How many bodies could be removed now.
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

create function takings.check_retention(older_than_days integer) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
begin
  if older_than_days is null or older_than_days not between 1 and 36500 then
    raise exception 'bodies are kept for 1 to 36500 days' using errcode = 'invalid_parameter_value';
  end if;
end
$$;

grant execute on function takings.prune_payloads(integer, timestamptz, integer),
  takings.count_prunable_payloads(integer) to takings_pruner;
