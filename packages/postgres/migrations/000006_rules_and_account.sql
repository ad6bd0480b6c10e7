-- By which rules an event was read, and whose events the platform's own are.

-- What the other columns say was read from the body by rules of this version (`rulesVersion` in the domain). 0: rows
-- that were written before versions were kept.
alter table takings.events add column rules smallint not null default 0 check (rules >= 0);
alter table takings.events alter column rules drop default;

-- The present version. A change of the rules comes with a migration that replaces this function. Only what was read by
-- these may lose its body: what older rules read wrongly can be read again from the body alone.
create function takings.present_rules() returns smallint
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
create function takings.note_account(wanted text)
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

revoke execute on function takings.note_account(text) from public;
grant execute on function takings.note_account(text) to takings_writer;
grant select on takings.installation to takings_writer, takings_reader, takings_reconciler;
grant select (rules) on takings.events to takings_pruner;

-- Makes the meter anew, as of the moment up to which it has been read, and what is pending beyond that. Whoever calls
-- it holds the row of the moment until the transaction ends, so nobody advances the meter meanwhile. Up to that moment
-- the ledger does not change any more, so it may be read in many statements. What is pending is counted and replaced in
-- one, whose snapshot is the same for both: what writers add meanwhile is seen by neither side and stays as it is.
drop function takings.rebuild_meter();
create function takings.rebuild_meter() returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  metered timestamptz;
  day timestamptz;
  days timestamptz[];
  additions takings.meter_pending[];
begin
  select moment into strict metered from takings.meter_moment for update;
  -- No moment that was metered lies beyond what is settled, unless somebody has altered it.
  metered := least(metered, takings.latest_moment());
  delete from takings.meter;
  select array_agg(distinct takings.day_of(occurred_at)) into days from takings.ledger_as_of(metered);
  foreach day in array coalesce(days, '{}') loop
    select array_agg(addition) into additions
    from (
      select (
        metered, livemode, account, takings.quarter_of(occurred_at), currency, sum(gross), sum(refunded), sum(disputed),
        sum(payments)::bigint, sum(refunds)::bigint, sum(disputes)::bigint
      )::takings.meter_pending as addition
      from (values (true), (false)) as mode (livemode)
      join takings.ledger_as_of(metered) using (livemode)
      cross join lateral takings.effect_of(kind, amount, 1)
      where occurred_at >= day and occurred_at < day + interval '24 hours'
      group by livemode, account, takings.quarter_of(occurred_at), currency
    ) as of_day;
    perform takings.add_to_meter(additions);
  end loop;
  with old as (
    delete from takings.meter_pending
  )
  insert into takings.meter_pending
  select at, livemode, account, takings.quarter_of(occurred_at), currency, sum(gross), sum(refunded), sum(disputed),
    sum(payments), sum(refunds), sum(disputes)
  from (
    select recorded_at as at, livemode, account, occurred_at, currency, kind, amount, 1 as sign from takings.ledger
    where recorded_at > metered
    union all
    select recorded_at, livemode, account, occurred_at, currency, kind, amount, 1 from takings.ledger_superseded
    where recorded_at > metered
    union all
    select superseded_at, livemode, account, occurred_at, currency, kind, amount, -1 from takings.ledger_superseded
    where superseded_at > metered
  ) as change
  cross join lateral takings.effect_of(kind, amount, sign)
  group by at, livemode, account, takings.quarter_of(occurred_at), currency;
  update takings.meter_moment set moment = metered where moment <> metered;
end
$$;

revoke execute on function takings.rebuild_meter(), takings.present_rules() from public;
grant execute on function takings.present_rules() to takings_reader, takings_pruner;
