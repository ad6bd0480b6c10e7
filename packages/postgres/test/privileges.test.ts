import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { migrate } from "../src/migrations/migrate.ts";
import { grantedPrivileges } from "./granted-privileges.ts";
import { poolOf } from "./test-store.ts";

const common = ["connect on database", "usage on schema takings"];

/**
 * Every right that a role other than the owner has. A migration that grants another one has to list it here, so that the
 * review asks what a compromised process could do with it (docs/security.md).
 */
const expected: Readonly<Record<string, readonly string[]>> = {
  // A type can only be named, which gives no access to anything.
  public: ["usage on type rollup_totals"],
  takings_writer: [
    ...common,
    "execute on function recording_state(OUT latest timestamp with time zone, OUT safe_read_time timestamp with time zone, OUT oldest timestamp with time zone, OUT now timestamp with time zone, OUT is_replicated boolean)",
    "execute on function advance_rollup()",
    "execute on function advance_balance_rollup()",
    "execute on function advance_recorded_time()",
    "execute on function begin_recording()",
    "execute on function close_gaps(gaps jsonb)",
    "execute on function effect_of(kind text, amount numeric, sign integer)",
    "execute on function end_isolation_attempt(in_stream text, at_sequence bigint)",
    "execute on function compact_committed_sequences(at_least integer)",
    "execute on function register_source(wanted text, account text)",
    "execute on function open_gaps()",
    "execute on function bucket_start(at timestamp with time zone)",
    "execute on function replace_event(id text, of_source text, type text, created timestamp with time zone, livemode boolean, account text, object_id text, payment_intent text, status text, reason text, facts jsonb, payment_object text, balance jsonb, payload bytea, payload_codec integer, rules integer, at timestamp with time zone)",
    "execute on function retract_entries(ids text[], at timestamp with time zone)",
    "insert on table events",
    "insert on table ledger_superseded",
    "insert on table rollup_deltas",
    "insert on table committed_sequences",
    "insert, select on table gaps",
    "insert, select on table ledger",
    "insert, select on table payment_objects",
    "insert, select on table isolation_attempts",
    "execute on function balance_block(level integer, at timestamp with time zone)",
    "execute on function balance_steps(at timestamp with time zone)",
    "execute on function balance_points(of takings.balance_transactions, sign integer)",
    "execute on function retract_balance_transactions(ids text[], sources text[], accounts text[], livemodes boolean[], at timestamp with time zone)",
    "execute on function retract_payouts(ids text[], sources text[], accounts text[], livemodes boolean[], at timestamp with time zone)",
    "insert on table balance_deltas",
    "insert on table balance_transactions_superseded",
    "insert on table payouts_superseded",
    "insert, select on table balance_transactions",
    "insert, select on table payouts",
    "select on column events (account, balance, created, dismissed_at, event_id, facts, livemode, object_id, payment_object, received_at, recorded_at, source, status, type)",
    "select on table sources",
    "select on table migrations",
    "update on column balance_transactions (available_on, balance_type, description, effective_at, event_id, payout, payout_event_id, payout_said_at, payout_said_received_at, recorded_at, reporting_category, said_at, said_received_at, source_id, status, type)",
    "update on column payouts (amount, arrival_date, automatic, created, currency, event_id, members, members_event_id, members_said_at, members_said_received_at, reconciliation_status, recorded_at, said_at, said_received_at, status, trace_id)",
    "update on column gaps (amount, currency, event_id, payment_intent, seen_at)",
    "update on column ledger (amount, currency, event_id, occurred_at, payment_intent, recorded_at)",
    "update on column payment_objects (belongs_to)",
    "update on column isolation_attempts (started_at, unfinished)",
  ],
  takings_reader: [
    ...common,
    "execute on function day_start(at timestamp with time zone)",
    "execute on function effect_of(kind text, amount numeric, sign integer)",
    "execute on function safe_read_time()",
    "execute on function ledger_as_of(moment timestamp with time zone)",
    "execute on function open_gaps()",
    "execute on function current_rules_version()",
    "execute on function bucket_start(at timestamp with time zone)",
    "execute on function recording_state(OUT latest timestamp with time zone, OUT safe_read_time timestamp with time zone, OUT oldest timestamp with time zone, OUT now timestamp with time zone, OUT is_replicated boolean)",
    "execute on function balance_block(level integer, at timestamp with time zone)",
    "execute on function balance_steps(at timestamp with time zone)",
    "execute on function balance_changes(after timestamp with time zone, until timestamp with time zone)",
    "execute on function balance_points(of takings.balance_transactions, sign integer)",
    "execute on function balance_transactions_as_of(moment timestamp with time zone)",
    "select on column balance_syncs (account, complete_from, complete_recorded_at, complete_through, livemode, source)",
    "select on column reconciliations (account, complete_from, complete_through, different, finished_at, livemode, missing, source)",
    "select on table balance_deltas",
    "select on table balance_rollup",
    "select on table balance_transactions",
    "select on table balance_transactions_superseded",
    "select on table balance_watermark",
    "select on table payout_totals",
    "select on table payouts",
    "select on table payouts_superseded",
    "select on table events",
    "select on table events_superseded",
    "select on table gaps",
    "select on table sources",
    "select on table ledger",
    "select on table ledger_superseded",
    "select on table rollup",
    "select on table rollup_watermark",
    "select on table rollup_deltas",
    "select on table migrations",
    "select on table payment_objects",
    "select on table quarantine_decisions",
  ],
  takings_pruner: [
    ...common,
    "execute on function count_prunable_payloads(older_than_days integer)",
    "execute on function prune_payloads(older_than_days integer, since timestamp with time zone, batch_size integer)",
  ],
  takings_purger: [...common, "select on table committed_sequences"],
  takings_reconciler: [
    ...common,
    "execute on function recording_state(OUT latest timestamp with time zone, OUT safe_read_time timestamp with time zone, OUT oldest timestamp with time zone, OUT now timestamp with time zone, OUT is_replicated boolean)",
    "insert, select on table balance_syncs",
    "insert, select on table reconciliations",
    "select on column balance_transactions (account, available_on, balance_type, created, currency, description, fee, gross, id, livemode, net, payout, reporting_category, source, source_id, status, type)",
    "select on column events (account, created, event_id, facts, livemode, object_id, payment_object, source, type)",
    "select on column payouts (account, amount, arrival_date, automatic, created, currency, id, livemode, members, reconciliation_status, source, status, trace_id)",
    "select on table committed_sequences",
    "select on table gaps",
    "select on table sources",
    "select on table payment_objects",
    "update on column balance_syncs (complete_from, complete_recorded_at, complete_through, read_at, round)",
    "update on column reconciliations (complete_from, complete_through, different, finished_at, missing, run)",
  ],
};

/** Functions whose search path does not have pg_temp last. */
const looselyBoundText = `
  select proname as name from pg_proc
  where pronamespace = 'takings'::regnamespace
    and not coalesce(proconfig @> array['search_path=pg_catalog, pg_temp'], false)
    and (prosqlbody is null or prosecdef or proconfig is not null)`;

describe("the privileges in a migrated database", () => {
  let database: TestDatabase;
  let superuser: Pool;
  before(async () => {
    database = await testDatabase({ migrated: false });
    await migrate(database.migratorUrl, () => {});
    superuser = poolOf(database.superuserUrl);
  });
  after(async () => {
    await superuser.end();
    await database.drop();
  });

  it("are those that are listed, and no others", async () => {
    const sorted = Object.entries(expected).map(([role, lines]) => [role, lines.toSorted()]);
    expect(await grantedPrivileges(superuser)).to.deep.equal(Object.fromEntries(sorted));
  });

  it("let only the owner create temporary tables, in which others could be trapped", async () => {
    const { rows } = await superuser.query<{ role: string }>(
      "select rolname as role from pg_roles where not rolsuper and rolname ~ '^takings_' and rolname <> 'takings_migrator' and has_database_privilege(oid, current_database(), 'temporary')",
    );
    expect(rows).to.deep.equal([]);
  });

  it("come with functions that look up nothing where a caller could have created something", async () => {
    const { rows } = await superuser.query(looselyBoundText);
    expect(rows).to.deep.equal([]);
  });

  it("leave a function that is created later to its owner", async () => {
    const migrator = poolOf(database.migratorUrl);
    await migrator.query("create function takings.later() returns integer language sql return 1");
    const { rows } = await superuser.query(
      "select has_function_privilege('public', 'takings.later()', 'execute') as by_all",
    );
    expect(rows).to.deep.equal([{ by_all: false }]);
    await migrator.query("drop function takings.later()");
    await migrator.end();
  });
});
