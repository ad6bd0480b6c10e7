import { eventWithEntry, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { Client, type Pool } from "pg";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { type Callable, arbitraryCalls } from "./arbitrary-calls.ts";
import { payoutEvent, payoutFact, readingOf, transactionFact } from "./balance-events.ts";
import { poolOf } from "./test-store.ts";
import { traps } from "./traps.ts";

const roles = ["writer", "reader", "pruner", "purger", "reconciler", "stranger"] as const;
type Role = (typeof roles)[number];
type TrappedSession = AsyncDisposable & { readonly client: Client };

/** What a call may change, for those who may make it. Nothing else may change, whatever is called. */
const purposes: Readonly<Record<string, readonly string[]>> = {
  advance_rollup: ["rollup", "rollup_watermark", "rollup_deltas", "recordings"],
  advance_balance_rollup: ["balance_rollup", "payout_totals", "balance_watermark", "balance_deltas"],
  advance_recorded_time: ["recordings"],
  begin_recording: ["recordings"],
  compact_committed_sequences: ["committed_sequences", "isolation_attempts"],
  end_isolation_attempt: ["isolation_attempts"],
  register_source: ["sources"],
  prune_payloads: ["events"],
  retract_entries: ["ledger", "ledger_superseded", "rollup_deltas"],
  close_gaps: ["gaps"],
  retract_balance_transactions: ["balance_transactions", "balance_transactions_superseded", "balance_deltas"],
  retract_payouts: ["payouts", "payouts_superseded"],
  replace_event: ["events", "events_superseded"],
};

/** The default: pg_temp is not named, and is searched first. */
const paths = ["pg_catalog", "pg_temp, pg_catalog, takings"];

describe("objects that a role creates in its temporary schema", () => {
  let database: TestDatabase;
  let superuser: Pool;
  let tables: string[];
  let callables: Callable[];
  /** Traps that ran as the owner. */
  const sprung = new Set<string>();
  const urls = new Map<Role, string>();
  before(async () => {
    database = await testDatabase();
    superuser = poolOf(database.superuserUrl, 60_000);
    // The best case for an attacker; `takings migrate` leaves nobody this right.
    await superuser.query(`grant connect, temporary on database ${database.name} to public`);
    for (const [role, groups] of [
      ["pruner", "in role takings_pruner"],
      ["stranger", ""],
    ] as const) {
      await superuser.query(`create role takings_planting_${role} login password 'x' ${groups}`);
      const url = new URL(database.superuserUrl);
      [url.username, url.password] = [`takings_planting_${role}`, "x"];
      urls.set(role, url.href);
    }
    urls.set("writer", database.writerUrl).set("reader", database.readerUrl);
    urls.set("purger", database.purgerUrl).set("reconciler", database.reconcilerUrl);
    await seed();
    const names = await superuser.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'takings'::regnamespace and relkind = 'r' order by 1",
    );
    tables = names.rows.map(({ name }) => name);
    const found = await superuser.query<Callable>(
      `select proname as name, pronargdefaults as defaults,
         array(select format_type(unnest(proargtypes::oid[]), null)) as types
       from pg_proc where pronamespace = 'takings'::regnamespace order by 1`,
    );
    callables = found.rows;
  });
  after(async () => {
    await superuser.query("drop role takings_planting_pruner, takings_planting_stranger");
    await superuser.end();
    await database.drop();
  });

  /** A row in every table that a function could change. */
  async function seed(): Promise<void> {
    const pool = poolOf(database.writerUrl);
    const writer = createPaymentWriter(pool);
    await writer.record([
      eventWithEntry({ eventId: "evt_old" }),
      eventWithEntry({ eventId: "evt_quarantined" }),
    ]);
    await writer.record([eventWithEntry({ eventId: "evt_new" })]);
    await writer.record([
      readingOf("evt_reading", transactionFact("txn_1", { payout: "po_1" })),
      payoutEvent("evt_payout", payoutFact("po_1")),
    ]);
    await pool.end();
    await superuser.query(`
      update takings.events set recorded_at = now() - interval '100 days' where event_id in ('evt_old', 'evt_quarantined');
      update takings.events set status = 'quarantined', reason = 'odd', facts = null, payment_object = null where event_id = 'evt_quarantined';
      insert into takings.gaps values ('payment', 'default', '', true, 'ch_1', null, 1, 'usd', now(), 'evt_old');
      insert into takings.isolation_attempts values ('2026', 1, 2, now())`);
  }

  async function contents(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const table of tables) {
      const { rows } = await superuser.query<{ hash: string }>(
        `select md5(coalesce(string_agg(row::text, ',' order by row::text), '')) as hash from takings.${table} as row`,
      );
      found.set(table, rows[0]?.hash ?? "");
    }
    return found;
  }

  /** A session of a role with all traps, and a search path that finds them. */
  async function trapped(role: Role, path: string): Promise<TrappedSession> {
    const client = new Client({ connectionString: urls.get(role) });
    client.on("notice", ({ message = "" }) => {
      if (message.startsWith("trap:") && message.endsWith(" as takings_migrator")) sprung.add(message);
    });
    await client.connect();
    for (const trap of traps(tables)) await client.query(trap);
    await client.query(`set search_path = ${path}; set statement_timeout = '10s'`);
    return { client, [Symbol.asyncDispose]: () => client.end() };
  }

  async function callOddly(client: Client, callable: Callable): Promise<void> {
    for (const call of arbitraryCalls(callable)) await client.query(call).catch(() => {});
  }

  async function mayChange(role: Role, { name }: Callable): Promise<readonly string[]> {
    const { rows } = await superuser.query<{ may: boolean }>(
      "select bool_or(has_function_privilege($1, oid, 'execute')) as may from pg_proc where pronamespace = 'takings'::regnamespace and proname = $2",
      [new URL(urls.get(role) ?? "").username, name],
    );
    return rows[0]?.may === true ? (purposes[name] ?? []) : [];
  }

  for (const role of roles) {
    it(`run no code as the owner when a ${role} calls any function with any value, and change no more than the function may`, async () => {
      for (const path of paths) {
        await using session = await trapped(role, path);
        const { client } = session;
        for (const callable of callables) {
          const earlier = await contents();
          await callOddly(client, callable);
          const now = await contents();
          const allowed = await mayChange(role, callable);
          const changed = tables.filter(
            (table) => earlier.get(table) !== now.get(table) && !allowed.includes(table),
          );
          expect({ changed, sprung: [...sprung] }, callable.name).to.deep.equal({ changed: [], sprung: [] });
        }
      }
    });
  }

  it("do not remove payloads of quarantined or recent events", async () => {
    const { rows } = await superuser.query(
      "select event_id from takings.events where payload is not null order by 1",
    );
    const kept = ["evt_new", "evt_payout", "evt_quarantined", "evt_reading"];
    expect(rows.map(({ event_id: id }) => id)).to.deep.equal(kept);
  });

  it("would run code as the owner if a function searched pg_temp first, so this test can fail", async () => {
    for (const name of ["advance_rollup", "apply_rollup_deltas"]) {
      await superuser.query(`alter function takings.${name} set search_path = pg_catalog`);
    }
    await using session = await trapped("writer", "pg_catalog");
    await session.client.query("select takings.advance_rollup()").catch(() => {});
    expect([...sprung]).to.include("trap: type timestamptz as takings_migrator");
  });
});
