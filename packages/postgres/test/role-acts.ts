/** A group role of the database, as a test names it. */
export type Role = "writer" | "reader" | "pruner" | "purger" | "reconciler";

/** Other kinds of access, and who has them. */
export const acts: Readonly<Record<string, { readonly statement: string; readonly by: readonly Role[] }>> = {
  "see which events are stored": {
    statement: "select event_id from takings.events",
    by: ["writer", "reader", "reconciler"],
  },
  "read a body": { statement: "select payload from takings.events", by: ["reader"] },
  "read what events state": {
    statement: "select facts, payment_object from takings.events",
    by: ["writer", "reader", "reconciler"],
  },
  "read why an event is in quarantine": {
    statement: "select reason, rules from takings.events",
    by: ["reader"],
  },
  "remove a body": {
    statement: "select takings.prune_payloads(30, now(), 1)",
    by: ["pruner"],
  },
  "count bodies that can be removed": {
    statement: "select takings.count_prunable_payloads(30)",
    by: ["pruner"],
  },
  "put another body in the place of one": {
    statement: "update takings.events set payload = '\\x00' where event_id = ''",
    by: [],
  },
  "remove a body that is still needed": {
    statement: "update takings.events set payload = null, payload_removed_at = now() where event_id = ''",
    by: [],
  },
  "change what an event states": {
    statement: "update takings.events set facts = null where event_id = ''",
    by: [],
  },
  "put an event that names its account in the place of one that does not": {
    statement: `select takings.replace_event(
      '', '', '', now(), true, 'acct_1', null, null, 'processed', null, null, null, null, null, 0, 1, now())`,
    by: ["writer"],
  },
  "say that objects belong to one payment": {
    statement: "update takings.payment_objects set belongs_to = '' where object_id = ''",
    by: ["writer"],
  },
  "make another object of an object": {
    statement:
      "update takings.payment_objects set object_id = '', source = '', account = '' where object_id = ''",
    by: [],
  },
  "retract entries": { statement: "select takings.retract_entries('{}', now())", by: ["writer"] },
  "note what a gap has become": {
    statement: "update takings.gaps set amount = 1 where object_id = ''",
    by: ["writer"],
  },
  "make another gap of a gap": {
    statement: "update takings.gaps set kind = '' where object_id = ''",
    by: [],
  },
  "close gaps": { statement: "select takings.close_gaps('[]')", by: ["writer"] },
  "ask which gaps are open": { statement: "select * from takings.open_gaps()", by: ["writer", "reader"] },
  "read what entries said before": {
    statement: "select id, superseded_at from takings.ledger_superseded",
    by: ["reader"],
  },
  "read what entries amount to": {
    statement: "select id, amount, currency from takings.ledger",
    by: ["writer", "reader"],
  },
  "let another event decide an entry": {
    statement: "update takings.ledger set amount = 1, event_id = '' where id = ''",
    by: ["writer"],
  },
  "make another entry of an entry": {
    statement: "update takings.ledger set account = '', kind = 'payment' where id = ''",
    by: [],
  },
  "let another reading decide a balance transaction": {
    statement:
      "update takings.balance_transactions set status = '', payout = '', event_id = '' where id = ''",
    by: ["writer"],
  },
  "change what a balance transaction amounts to": {
    statement: "update takings.balance_transactions set net = 1 where id = ''",
    by: [],
  },
  "let another event decide a payout": {
    statement: "update takings.payouts set amount = 1, event_id = '' where id = ''",
    by: ["writer"],
  },
  "make another payout of a payout": {
    statement: "update takings.payouts set account = '' where id = ''",
    by: [],
  },
  "read what events state about the balance": {
    statement: "select balance, received_at from takings.events",
    by: ["writer", "reader"],
  },
  "retract balance transactions": {
    statement: "select takings.retract_balance_transactions('{}', '{}', '{}', '{}', now())",
    by: ["writer"],
  },
  "retract payouts": {
    statement: "select takings.retract_payouts('{}', '{}', '{}', '{}', now())",
    by: ["writer"],
  },
  "start an isolation attempt": {
    statement: "update takings.isolation_attempts set unfinished = 1 where stream = ''",
    by: ["writer"],
  },
  "end an isolation attempt": { statement: "select takings.end_isolation_attempt('', 0)", by: ["writer"] },
  "record how far the ledger was reconciled": {
    statement: "update takings.reconciliations set missing = 0 where account = ''",
    by: ["reconciler"],
  },
  "read how far the ledger was reconciled": {
    statement: "select complete_through, missing from takings.reconciliations",
    by: ["reader", "reconciler"],
  },
  "begin a recording": { statement: "select takings.begin_recording()", by: ["writer"] },
  "ask for the safe read time": { statement: "select takings.safe_read_time()", by: ["reader"] },
  "ask how recorded time stands": {
    statement: "select takings.recording_state()",
    by: ["writer", "reader", "reconciler"],
  },
  "advance recorded time": { statement: "select takings.advance_recorded_time()", by: ["writer"] },
  "apply rollup deltas as they like": {
    statement: "select takings.apply_rollup_deltas('-1 year', 1)",
    by: [],
  },
  "set the clock": { statement: "select takings.clock()", by: [] },
  "advance the rollup": { statement: "select takings.advance_rollup()", by: ["writer"] },
  "apply balance deltas as they like": {
    statement: "select takings.apply_balance_deltas('-1 year', 1)",
    by: [],
  },
  "advance the sums of the balance": { statement: "select takings.advance_balance_rollup()", by: ["writer"] },
  "rebuild the sums of the balance": { statement: "select takings.rebuild_balance_rollup()", by: [] },
  "read how far the balance is complete": {
    statement: "select complete_from, complete_through, complete_recorded_at from takings.balance_syncs",
    by: ["reader", "reconciler"],
  },
  "read where a round of the balance is": {
    statement: "select round from takings.balance_syncs",
    by: ["reconciler"],
  },
  "compact the committed sequences": {
    statement: "select takings.compact_committed_sequences()",
    by: ["writer"],
  },
  "count what is open in quarantine": {
    statement: "select count(*) from takings.events where status = 'quarantined' and dismissed_at is null",
    by: ["writer", "reader"],
  },
  "dismiss an event": {
    statement: "update takings.events set dismissed_at = now() where event_id = ''",
    by: [],
  },
  "note whose source it is": {
    statement: "select takings.register_source('shop', 'acct_1')",
    by: ["writer"],
  },
  "change whose source it is": {
    statement: "update takings.sources set stripe_account_id = 'acct_2' where name = ''",
    by: [],
  },
  "ask for the present rules": { statement: "select takings.current_rules_version()", by: ["reader"] },
  "rebuild the rollup": { statement: "select takings.rebuild_rollup()", by: [] },
  "make a table": { statement: "create table takings.mine ()", by: [] },
  "keep others from a table": { statement: "lock table takings.events, takings.ledger", by: [] },
  "make a table elsewhere": { statement: "create table public.mine ()", by: [] },
  "drop a table": { statement: "drop table takings.ledger", by: [] },
  "alter a table": { statement: "alter table takings.ledger add column mine text", by: [] },
  "switch off a constraint": {
    statement: "alter table takings.events drop constraint events_pkey cascade",
    by: [],
  },
  "replace a function": {
    statement:
      "create or replace function takings.safe_read_time() returns timestamptz language sql as 'select now()'",
    by: [],
  },
  "make a role": { statement: "create role mine", by: [] },
  "take another role": { statement: "set role takings_migrator", by: [] },
  "give away a role": { statement: "grant takings_writer to takings_query", by: [] },
  "read a file": { statement: "select pg_read_file('PG_VERSION')", by: [] },
  "run a program": { statement: "copy (select 1) to program 'true'", by: [] },
  "make the server read its settings again": { statement: "select pg_reload_conf()", by: [] },
  "switch off what guards the tables": { statement: "set local session_replication_role = replica", by: [] },
  "change what others may do": { statement: "alter role takings_query createrole", by: [] },
  "see the passwords": { statement: "select rolpassword from pg_catalog.pg_authid", by: [] },
};
