-- The database, its logins and what each may do. For psql, as a superuser; may be run at any time, again and again.
-- Passwords come from the environment: MIGRATOR_PASSWORD, CONSUMER_PASSWORD, QUERY_PASSWORD and so on.

-- Groups. What they may do with which table is the migrations' business; they are made here first, so that logins
-- can belong to them before the first migration, and the migrator needs no right to make roles. Roles belong to a whole
-- server: whose login may connect to this one database is said by membership in the role that is named after it, for
-- which `takings migrate` sees to the rest.
select format('create role %I nologin', name)
from unnest(array['takings_writer', 'takings_reader', 'takings_pruner', 'takings_purger', 'takings_reconciler', 'takings_connect']) as name
where not exists (select from pg_roles where rolname = name)
\gexec

\getenv migrator MIGRATOR_PASSWORD
\getenv consumer CONSUMER_PASSWORD
\getenv query QUERY_PASSWORD
\getenv prune PRUNE_PASSWORD
\getenv purge PURGE_PASSWORD
\getenv reconcile RECONCILE_PASSWORD
\getenv grafana GRAFANA_PASSWORD

-- Logins, and the groups whose rights they have.
create temporary table logins (login text, password text, groups text[]);
insert into logins values
  ('takings_migrator', :'migrator', '{pg_read_all_stats}'), -- says who holds a lock that a migration waits for
  ('takings_consumer', :'consumer', '{takings_writer,takings_connect}'),
  ('takings_query', :'query', '{takings_reader,takings_connect}'),
  ('takings_prune', :'prune', '{takings_pruner,takings_connect}'),
  ('takings_purge', :'purge', '{takings_purger,takings_connect}'),
  ('takings_reconcile', :'reconcile', '{takings_reconciler,takings_connect}'),
  ('takings_grafana', :'grafana', '{takings_reader,takings_connect}');

select format('create role %I login', login)
from logins where not exists (select from pg_roles where rolname = login)
\gexec
select format('alter role %I password %L', login, password) from logins
\gexec
select format('grant %I to %I', member_of, login) from logins, unnest(groups) as member_of
\gexec

select 'create database takings owner takings_migrator'
where not exists (select from pg_database where datname = 'takings')
\gexec
