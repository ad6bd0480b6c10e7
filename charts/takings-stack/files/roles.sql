-- Creates the database, its logins and their group roles. Run it with psql as a superuser; it is idempotent.
-- Passwords come from the environment: MIGRATOR_PASSWORD, CONSUMER_PASSWORD, QUERY_PASSWORD and so on.

-- Group roles. Migrations grant their privileges on tables. They are created here, so that logins can be members before the
-- first migration and the migrator does not need CREATEROLE. Roles are shared by all databases of a server: the members of
-- takings_connect, which is named after the database, may connect to it; `takings migrate` revokes it from everyone else.
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

-- Logins and their group roles.
create temporary table logins (login text, password text, groups text[]);
insert into logins values
  ('takings_migrator', :'migrator', '{pg_read_all_stats}'), -- to report which session blocks a migration
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
