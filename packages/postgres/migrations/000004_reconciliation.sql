-- How far the books have been compared with Stripe's own, per account and mode.

do $$
begin
  if not exists (select from pg_roles where rolname = 'takings_reconciler') then
    create role takings_reconciler nologin;
  end if;
end
$$;

create table takings.reconciliations (
  -- Empty for the platform itself.
  account text not null,
  livemode boolean not null,
  -- Everything that Stripe knows of between these two is in the ledger. Null until a run has finished.
  complete_from timestamptz,
  complete_through timestamptz,
  -- What the ledger still lacks, all of it after `complete_through`, and entries that say something else than Stripe.
  missing bigint,
  different bigint,
  finished_at timestamptz,
  -- A run that has not finished: what it was asked, how far it has come, what it has counted.
  run jsonb,
  primary key (account, livemode),
  check (num_nulls(complete_from, complete_through, missing, different, finished_at) in (0, 5))
);

-- Whoever reconciles can see which events are there and what the entries amount to, and read no body.
grant usage on schema takings to takings_reconciler;
grant select on takings.installation to takings_reconciler;
grant select (event_id) on takings.events to takings_reconciler;
grant select (id, amount, currency) on takings.ledger to takings_reconciler;
grant select, insert, update (complete_from, complete_through, missing, different, finished_at, run)
  on takings.reconciliations to takings_reconciler;
grant select (account, livemode, complete_from, complete_through, missing, different, finished_at)
  on takings.reconciliations to takings_reader;
