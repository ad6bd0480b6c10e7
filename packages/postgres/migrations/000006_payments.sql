-- The ledger of a payment follows from the set of all events that speak of it: docs/decisions/0039. What each event
-- states is kept with it as facts, and which objects belong to one payment has a table of its own.
--
-- Of events that are here already, what they claimed becomes their facts: with these the ledger is what it was. What else
-- they show is in their bodies. RUN `takings rebuild` AFTER THIS MIGRATION: it reads those that have one again. Until then
-- an event that only proves something, such as that a refund is none, proves nothing.

alter table takings.events
  -- What the event states about payments: the objects that it shows, with the API version that shaped them. Amounts are
  -- text. Null: nothing. With this the ledger can be made again without the body.
  add column facts jsonb,
  -- One of the objects that the facts speak of. Which payment it belongs to is in payment_objects.
  add column payment_object text collate "C";

-- What the claims of an event say as facts; null where that is nothing.
create function takings.facts_of_claims(event takings.events) returns jsonb
language sql stable
return (
  select jsonb_build_object('shows', jsonb_agg(jsonb_strip_nulls(shown)))
  from (
    select case
      when claim ->> 'kind' = 'payment' and event.type like 'payment_intent.%' then jsonb_build_object(
        'object', 'payment_intent', 'id', named.id, 'status', 'succeeded', 'amountReceived', claim ->> 'amount',
        'currency', claim ->> 'currency')
      when claim ->> 'kind' = 'payment' then jsonb_build_object(
        'object', 'charge', 'id', named.id, 'status', 'succeeded', 'captured', true,
        'amountCaptured', claim ->> 'amount', 'currency', claim ->> 'currency', 'paymentIntent', named.intent)
      when claim ->> 'kind' = 'refund' then jsonb_build_object(
        'object', 'refund', 'id', named.id, 'amount', ltrim(claim ->> 'amount', '-'),
        'currency', claim ->> 'currency', 'paymentIntent', named.intent,
        'charge', case when event.type = 'charge.refunded' then event.object_id end,
        'created', coalesce(claim ->> 'occurred_at', to_char(event.created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
        'status', case when exists (
            select from jsonb_array_elements(event.claims) as other
            where other ->> 'kind' = 'refund_reversal'
              and coalesce(other ->> 'object_id', event.object_id) = named.id
          ) then 'failed' end)
      when claim ->> 'kind' in ('dispute', 'dispute_reversal') then jsonb_build_object(
        'object', 'dispute', 'id', named.id, 'amount', ltrim(claim ->> 'amount', '-'),
        'currency', claim ->> 'currency', 'paymentIntent', named.intent)
      end as shown
    from jsonb_array_elements(event.claims) as claim
    cross join lateral (values (
      coalesce(claim ->> 'object_id', event.object_id),
      case when claim ? 'payment_intent' then claim ->> 'payment_intent' else event.payment_intent end
    )) as named (id, intent)
  ) as of_claims
  where shown is not null
  having count(*) > 0
);
-- Sorts the ids of one payment so that the one that stands for it comes first: as `representativeOf` in the domain.
create function takings.standing_of(id text) returns text
language sql immutable
return (case left(id, 3) when 'pi_' then '0' when 'ch_' then '1' when 'py_' then '2' else '3' end || id) collate "C";
-- All objects that facts speak of.
create function takings.objects_of(facts jsonb) returns setof text
language sql stable
begin atomic
  select distinct named.id
  from jsonb_array_elements(facts -> 'shows') as shown
  cross join lateral (values (shown ->> 'id'), (shown ->> 'charge'), (shown ->> 'paymentIntent')) as named (id)
  where named.id is not null;
end;

update takings.events
set facts = said.facts,
  payment_object = (select id from takings.objects_of(said.facts) as id order by takings.standing_of(id) limit 1)
from (
  select event_id, takings.facts_of_claims(events) as facts
  from takings.events
  where claims is not null and status = 'processed' and livemode is not null
  offset 0
) as said
where events.event_id = said.event_id and said.facts is not null;

drop function takings.facts_of_claims(takings.events);
alter table takings.events
  drop column claims,
  add constraint events_facts_name_an_object check ((facts is null) = (payment_object is null)),
  add constraint events_facts_are_of_a_mode check (facts is null or livemode is not null),
  -- What is not understood states nothing.
  add constraint events_facts_are_understood check (facts is null or status = 'processed');

create index events_by_payment_object on takings.events (payment_object) where payment_object is not null;

-- Every PaymentIntent, charge, refund and dispute that facts speak of. Whoever writes entries of a payment holds the rows
-- of its objects first, so two who write the same payment come one after the other.
create table takings.payment_objects (
  object_id text collate "C" not null,
  -- Empty for the platform itself.
  account text collate "C" not null,
  livemode boolean not null,
  -- Another object of the same payment, nearer to the one that stands for it, or that one itself, which belongs to
  -- itself. Only that one's row is ever changed, when two payments turn out to be one.
  belongs_to text collate "C" not null,
  primary key (object_id, account, livemode)
);

-- Whatever one event speaks of belongs to one payment, and so does whatever shares an object with it. Each object takes
-- over what stands for any of its neighbours until all of one payment have the same.
do $$
begin
  create temporary table link on commit drop as
    select id, coalesce(account, '') as account, livemode, payment_object as event_object
    from takings.events cross join lateral takings.objects_of(facts) as id
    where facts is not null
    group by id, coalesce(account, ''), livemode, payment_object;
  create temporary table standing on commit drop as
    select id, account, livemode, min(takings.standing_of(event_object)) as label
    from link group by id, account, livemode;
  analyze link, standing;
  loop
    update standing set label = nearer.label
    from (
      select link.id, account, livemode, min(of_event.label) as label
      from link join (
        select event_object, account, livemode, min(standing.label) as label
        from link join standing using (id, account, livemode)
        group by event_object, account, livemode
      ) as of_event using (event_object, account, livemode)
      group by link.id, account, livemode
    ) as nearer
    where (standing.id, standing.account, standing.livemode) = (nearer.id, nearer.account, nearer.livemode)
      and standing.label <> nearer.label;
    exit when not found;
  end loop;
  insert into takings.payment_objects (object_id, account, livemode, belongs_to)
  select id, account, livemode, substr(label, 2) from standing;
  drop table link, standing;
end
$$;
drop function takings.objects_of(jsonb);
drop function takings.standing_of(text);

create index payment_objects_by_belongs_to on takings.payment_objects (belongs_to)
  where belongs_to <> object_id;

-- What proves that an event was not delivered: docs/revenue.md.
create table takings.gaps (
  kind text collate "C" not null check (kind in ('payment', 'refund')),
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
  primary key (object_id, kind, account, livemode)
);
create index gaps_by_time on takings.gaps (seen_at, object_id);

-- Why a gap only counts after a while: events of one payment come in any order, and Stripe sends again for hours.
create function takings.open_gaps() returns setof takings.gaps
language sql stable parallel safe
begin atomic
  select * from takings.gaps where seen_at < now() - interval '1 hour';
end;

-- What an entry's fields say follows from all events of its payment, and no longer from two of them.
drop function takings.ledger_as_of(timestamptz);
alter table takings.ledger
  drop column event_created, drop column payment_intent_created, drop column payment_intent_event_id;
alter table takings.ledger_superseded
  drop column event_created, drop column payment_intent_created, drop column payment_intent_event_id;

-- The ledger as it stood at a moment. Inlined by the planner, so filters reach the indexes.
create function takings.ledger_as_of(moment timestamptz) returns setof takings.ledger
language sql stable parallel safe
begin atomic
  select * from takings.ledger where recorded_at <= moment
  union all
  select id, kind, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent, recorded_at
  from takings.ledger_superseded
  where recorded_at <= moment and superseded_at > moment;
end;
grant execute on function takings.ledger_as_of(timestamptz) to takings_reader;

create or replace function takings.current_rules_version() returns smallint
language sql immutable parallel safe return 2::smallint;

-- Takes entries out of the ledger and out of the totals; what they said stays on record. A right to delete would be one
-- to lock the table against everyone.
create function takings.retract_entries(ids text[], at timestamptz) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  with gone as (
    delete from takings.ledger where id = any(ids) returning *
  ),
  history as (
    insert into takings.ledger_superseded (
      id, kind, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent, recorded_at,
      superseded_at
    )
    select id, kind, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent, recorded_at,
      greatest(recorded_at, at)
    from gone
  )
  insert into takings.rollup_deltas
  select greatest(recorded_at, at), livemode, account, takings.bucket_start(occurred_at), currency, effect.*
  from gone cross join lateral takings.effect_of(kind, amount, -1) as effect;
end;

create function takings.close_gaps(gaps jsonb) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
begin atomic
  delete from takings.gaps
  using jsonb_to_recordset(close_gaps.gaps) as closed (kind text, account text, livemode boolean, object_id text)
  where (gaps.object_id, gaps.kind, gaps.account, gaps.livemode)
    = (closed.object_id, closed.kind, closed.account, closed.livemode);
end;

grant select (account, livemode, created, type, object_id, facts, payment_object) on takings.events to takings_writer;
grant select, insert, update (belongs_to) on takings.payment_objects to takings_writer;
grant select, insert, update (payment_intent, amount, currency, seen_at, event_id) on takings.gaps to takings_writer;
grant execute on function takings.retract_entries(text[], timestamptz), takings.close_gaps(jsonb), takings.open_gaps()
  to takings_writer;
-- What a batch writes does not hang on what was said before.
revoke select (id, superseded_at) on takings.ledger_superseded from takings_writer;
grant select on takings.payment_objects, takings.gaps to takings_reader;
grant execute on function takings.open_gaps() to takings_reader;
-- What an object would mean for the ledger depends on what is known of its payment.
grant select (account, livemode, created, type, object_id, facts, payment_object) on takings.events
  to takings_reconciler;
grant select on takings.payment_objects to takings_reconciler;

-- Puts an event in the place of the one that is stored under its id, which stays on record as it was known until then.
create function takings.replace_event(
  id text, type text, created timestamptz, livemode boolean, account text, object_id text, payment_intent text,
  status text, reason text, facts jsonb, payment_object text, payload bytea, payload_codec integer, rules integer,
  at timestamptz
) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  -- Only to one who names an account where the stored event names none, or a greater one.
  perform from takings.events
  where event_id = id and dismissed_at is null and replace_event.account is not null
    and (events.account is null or events.account collate "C" > replace_event.account collate "C")
  for update;
  if not found then
    raise exception 'event % cannot be replaced', id using errcode = 'invalid_parameter_value';
  end if;
  insert into takings.events_superseded
  select event_id, events.type, events.created, received_at, events.livemode, events.account, events.object_id,
    events.payment_intent, events.status, events.reason,
    greatest(recorded_at, (select max(superseded_at) from takings.events_superseded as past where past.event_id = id)), at
  from takings.events where event_id = id;
  update takings.events set
    type = replace_event.type, created = replace_event.created, livemode = replace_event.livemode,
    account = replace_event.account, object_id = replace_event.object_id,
    payment_intent = replace_event.payment_intent, status = replace_event.status, reason = replace_event.reason,
    facts = replace_event.facts, payment_object = replace_event.payment_object, payload = replace_event.payload,
    payload_codec = replace_event.payload_codec, rules = replace_event.rules,
    payload_removed_at = case when replace_event.payload is null then at end
  where event_id = id;
end
$$;
grant execute on function takings.replace_event(
  text, text, timestamptz, boolean, text, text, text, text, text, jsonb, text, bytea, integer, integer, timestamptz
) to takings_writer;

-- What a gap speaks of is asked of Stripe by its id.
grant select on takings.gaps to takings_reconciler;
revoke select (id, amount, currency) on takings.ledger from takings_reconciler;
