import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { DatabaseError, type Pool } from "pg";
import { acts, type Role } from "./role-acts.ts";
import { poolOf } from "./test-store.ts";

/** One statement for each kind of access to a table; none of them matches a row. */
const ways = {
  select: (table: string) => `select * from ${table} where false`,
  insert: (table: string) => `insert into ${table} default values`,
  update: (table: string, column: string) => `update ${table} set ${column} = ${column} where false`,
  delete: (table: string) => `delete from ${table} where false`,
  truncate: (table: string) => `truncate ${table}`,
} as const;
type Way = keyof typeof ways;

/** Which role has which access to a whole table. Everything else is refused. */
const tables: Readonly<Record<string, Partial<Readonly<Record<Role, readonly Way[]>>>>> = {
  events: { writer: ["insert"], reader: ["select"] },
  ledger: { writer: ["select", "insert"], reader: ["select"] },
  ledger_superseded: { writer: ["insert"], reader: ["select"] },
  payment_objects: { writer: ["select", "insert"], reader: ["select"], reconciler: ["select"] },
  gaps: { writer: ["select", "insert"], reader: ["select"], reconciler: ["select"] },
  rollup_deltas: { writer: ["insert"], reader: ["select"] },
  rollup: { reader: ["select"] },
  rollup_watermark: { reader: ["select"] },
  balance_transactions: { writer: ["select", "insert"], reader: ["select"] },
  balance_transactions_superseded: { writer: ["insert"], reader: ["select"] },
  payouts: { writer: ["select", "insert"], reader: ["select"] },
  payouts_superseded: { writer: ["insert"], reader: ["select"] },
  balance_deltas: { writer: ["insert"], reader: ["select"] },
  balance_rollup: { reader: ["select"] },
  payout_totals: { reader: ["select"] },
  balance_watermark: { reader: ["select"] },
  balance_syncs: { reconciler: ["select", "insert"] },
  recordings: {},
  events_superseded: { reader: ["select"] },
  committed_sequences: { writer: ["insert"], purger: ["select"], reconciler: ["select"] },
  isolation_attempts: { writer: ["select", "insert"] },
  quarantine_decisions: { reader: ["select"] },
  migrations: { writer: ["select"], reader: ["select"] },
  migration_lock: {},
  reconciliations: { reconciler: ["select", "insert"] },
  sources: { writer: ["select"], reader: ["select"], reconciler: ["select"] },
};

const insufficientPrivilege = "42501";
const login = "takings_test_pruner";
const roles: readonly Role[] = ["writer", "reader", "pruner", "purger", "reconciler"];

describe("the roles of the database", () => {
  let database: TestDatabase;
  let superuser: Pool;
  const pools = new Map<Role, Pool>();
  before(async () => {
    database = await testDatabase();
    superuser = poolOf(database.superuserUrl);
    pools.set("writer", poolOf(database.writerUrl));
    pools.set("reader", poolOf(database.readerUrl));
    pools.set("purger", poolOf(database.purgerUrl));
    pools.set("reconciler", poolOf(database.reconcilerUrl));
    // The local run has no login for it, and a superuser who takes the role could leave it again.
    const pruner = new URL(database.superuserUrl);
    [pruner.username, pruner.password] = [login, "pruner"];
    await superuser.query(`create role ${login} login password 'pruner' in role takings_pruner`);
    pools.set("pruner", poolOf(pruner.href));
  });
  after(async () => {
    await Promise.all([...pools.values()].map((pool) => pool.end()));
    await superuser.query(`drop role ${login}`);
    await superuser.end();
    await database.drop();
  });

  /** Whether the server refuses a statement for lack of a right; any other error means that the right exists. */
  async function isRefused(role: Role, statement: string): Promise<boolean> {
    const client = await pools.get(role)?.connect();
    if (client === undefined) throw new Error(`no connection of ${role}`);
    try {
      await client.query("begin");
      await client.query(statement);
      return false;
    } catch (error) {
      return error instanceof DatabaseError && error.code === insufficientPrivilege;
    } finally {
      await client.query("rollback");
      client.release();
    }
  }

  it("are tested on every table", async () => {
    const { rows } = await superuser.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'takings'::regnamespace and relkind in ('r', 'p', 'v', 'm')",
    );
    expect(rows.map(({ name }) => name)).to.have.members(Object.keys(tables));
  });

  it("are tested on every function: no other role may execute one", async () => {
    const { rows } = await superuser.query<{ name: string }>(
      "select proname as name from pg_proc where pronamespace = 'takings'::regnamespace and has_function_privilege('public', oid, 'execute')",
    );
    expect(rows).to.deep.equal([]);
  });

  for (const role of roles) {
    for (const [table, allowed] of Object.entries(tables)) {
      const may = allowed[role] ?? [];
      it(`let a ${role} ${may.join(", ") || "do nothing"} on all of ${table}, and nothing else`, async () => {
        const { rows } = await superuser.query<{ name: string }>(
          "select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum limit 1",
          [`takings.${table}`],
        );
        const outcomes: [Way, boolean][] = [];
        for (const way of Object.keys(ways) as Way[]) {
          const statement = ways[way](`takings.${table}`, rows[0]?.name ?? "");
          outcomes.push([way, !(await isRefused(role, statement))]);
        }
        expect(outcomes.filter(([, done]) => done).map(([way]) => way)).to.deep.equal(may);
      });
    }
  }

  for (const [act, { statement, by }] of Object.entries(acts)) {
    it(`let ${by.join(", ") || "nobody"} ${act}`, async () => {
      const done: Role[] = [];
      for (const role of roles) if (!(await isRefused(role, statement))) done.push(role);
      expect(done).to.deep.equal(by);
    });
  }

  it("are refused by the server with fewer rights than needed, so this test can fail", async () => {
    await superuser.query("grant delete on takings.ledger to takings_reader");
    expect(await isRefused("reader", ways.delete("takings.ledger"))).to.equal(false);
    await superuser.query("revoke delete on takings.ledger from takings_reader");
    expect(await isRefused("reader", ways.delete("takings.ledger"))).to.equal(true);
  });
});
