import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { rulesVersion } from "@takings/domain";
import { advanceRollup, prunePayloads } from "@takings/postgres";
import { eventually, nodeCommand } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { rebuildCommand } from "../src/rebuild/rebuild-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import {
  amountOf,
  paymentOf,
  readByOtherRules,
  type StoreOfEvents,
  storeOfEvents,
} from "./store-of-events.ts";
import { type Ended, run } from "./takings.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const many = (length: number, from = 0): number[] => Array.from({ length }, (_, n) => from + n);

async function whileItLasts(over: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!over.aborted) await work();
}

describe("takings rebuild", function () {
  this.timeout(120_000);
  let store: StoreOfEvents;

  beforeEach(async () => {
    store = await storeOfEvents();
  });
  afterEach(() => store.close());

  const rebuild = (...args: string[]): Promise<Ended> =>
    run(rebuildCommand, args, { DATABASE_URL: store.database.migratorUrl });
  const verify = (): Promise<Ended> => run(verifyCommand, [], { DATABASE_URL: store.database.readerUrl });

  /** Records events as other rules would have read them: half in the rollup, half still pending. */
  async function recordByOtherRules(numbers: readonly number[]): Promise<void> {
    const half = numbers.length / 2;
    for (const part of [numbers.slice(0, half), numbers.slice(half)]) {
      await store.writer.record(part.map((n) => readByOtherRules(paymentOf(n))));
      await store.admin.query("select takings.advance_rollup()");
    }
    await store.admin.query("update takings.events set rules = 0");
  }

  async function net(): Promise<bigint> {
    const { answered, added } = await store.bothWays();
    expect(answered).to.equal(added);
    return answered;
  }
  const netOf = (numbers: readonly number[]): bigint => numbers.reduce((all, n) => all + amountOf(n), 0n);

  it("rewrites the stored facts, so that a later rebuild does not restore the old amounts", async () => {
    await recordByOtherRules(many(20));
    expect(await net()).to.equal(netOf(many(20)) * 10n);
    const { code, output } = await rebuild();
    expect(output).to.match(/^20 events were read again: 20 of them were rewritten/m);
    expect(output).to.match(/^20 entries of the ledger were corrected/m);
    expect(code).to.equal(0);
    expect(await net()).to.equal(netOf(many(20)));
    await store.admin.query("update takings.events set recorded_at = recorded_at - interval '3 days'");
    expect(await prunePayloads(store.admin, { olderThanDays: 1 })).to.equal(20);
    expect((await rebuild()).code).to.equal(0);
    expect(await net()).to.equal(netOf(many(20)));
  });

  it("keeps what older rules read when the body was removed, and reports how many events those are", async () => {
    await recordByOtherRules(many(4));
    await store.admin.query(
      "update takings.events set payload = null, payload_removed_at = now() where event_id in ('evt_1', 'evt_2')",
    );
    const { output } = await rebuild();
    expect(output).to.match(
      /^2 event\(s\) were read by version 0 of the rules .*; 2 of them have no body and stay as they are$/m,
    );
    expect(await net()).to.equal(netOf([0, 3]) + netOf([1, 2]) * 10n);
    const { rows } = await store.admin.query("select rules from takings.events order by event_id");
    expect(rows.map(({ rules }) => rules)).to.deep.equal([rulesVersion, 0, 0, rulesVersion]);
  });

  it("keeps bodies that older rules have read from being pruned before a rebuild", async () => {
    await recordByOtherRules(many(3));
    await store.admin.query("update takings.events set recorded_at = recorded_at - interval '3 days'");
    expect(await prunePayloads(store.admin, { olderThanDays: 1 })).to.equal(0);
    await rebuild();
    expect(await prunePayloads(store.admin, { olderThanDays: 1 })).to.equal(3);
  });

  it("writes the rules version that the database considers current", async () => {
    const { rows } = await store.admin.query("select takings.current_rules_version() as rules");
    expect(rows).to.deep.equal([{ rules: rulesVersion }]);
  });

  it("quarantines counted events that cannot be understood now, and counts no quarantined event", async () => {
    const odd = paymentOf(1, { livemode: "perhaps" });
    expect(odd.status).to.equal("quarantined");
    await store.writer.record([
      { ...paymentOf(1), payload: odd.payload },
      {
        ...paymentOf(2),
        status: "quarantined",
        reason: "older rules did not understand it",
        facts: undefined,
      },
      paymentOf(3),
    ]);
    const { output } = await rebuild();
    expect(output).to.match(/^1 of them cannot be understood and are in quarantine now/m);
    expect(await net()).to.equal(netOf([3]));
    const { rows } = await store.admin.query(
      "select event_id, status, reason from takings.events order by 1",
    );
    expect(rows).to.deep.equal([
      { event_id: "evt_1", status: "quarantined", reason: "livemode is missing or not true or false" },
      { event_id: "evt_2", status: "quarantined", reason: "older rules did not understand it" },
      { event_id: "evt_3", status: "processed", reason: null },
    ]);
    expect((await verify()).code).to.equal(0);
  });

  it("reads the other events again when the database rejects one of them", async () => {
    await recordByOtherRules(many(5));
    await store.admin.query("alter table takings.events add check (event_id <> 'evt_3' or rules = 0)");
    const { code, output } = await rebuild();
    expect(output).to.match(/^events: evt_3 PostgreSQL rejects/m);
    expect(output).to.match(/: 4 of them were rewritten/m);
    expect(code).to.equal(1);
  });

  it("never makes totals wrong, with two concurrent writers and an advancing rollup", async () => {
    await recordByOtherRules(many(1_000));
    // Half of the events have no body but correct facts, so that only comparison finds their wrong ledger entries.
    await store.admin.query(`
      update takings.events set payload = null, payload_removed_at = now(), rules = ${rulesVersion},
        facts = jsonb_set(facts, '{shows,0,amountReceived}',
          to_jsonb((((facts #>> '{shows,0,amountReceived}')::bigint) / 10)::text))
      where hashtext(event_id) % 2 = 0`);
    const over = new AbortController();
    // For half of the payments these include earlier events, which become the source events of their entries.
    const touched = 450;
    let number = 0;
    const recordSome = (): Promise<unknown> => {
      const batch = many(40, number).map((n) => paymentOf(900 * (n + 2) + (n % touched)));
      number += 40;
      return store.writer.record(batch);
    };
    const seen: { readonly answered: bigint; readonly added: bigint }[] = [];
    const around = [
      whileItLasts(over.signal, recordSome),
      whileItLasts(over.signal, recordSome),
      whileItLasts(over.signal, () => advanceRollup(store.writing)),
      whileItLasts(over.signal, async () => seen.push(await store.bothWays())),
    ];
    const { code, output } = await rebuild();
    over.abort();
    await Promise.all(around);
    const [, differed] = /^pass 1: (\d+) difference\(s\) in \d+ entries/m.exec(output) ?? [];
    expect(Number(differed)).to.be.greaterThan(200);
    expect(output).to.match(/: 5\d\d of them were rewritten$/m);
    expect(code).to.equal(0);
    expect(seen.length).to.be.greaterThan(10);
    expect(seen.filter(({ answered, added }) => answered !== added)).to.deep.equal([]);
    expect((await verify()).output).to.match(/events, ledger and rollup agree\n$/);
  });

  const alterLedger = "update takings.ledger set amount = amount + 1000 where object_id in ('pi_1', 'pi_7')";
  const alterRollup = String.raw`update takings.rollup set totals = regexp_replace(totals, ',(\d+)', ',\11')`;
  const alterPending = "delete from takings.rollup_deltas";
  const alterations: Record<string, { readonly statements: readonly string[]; readonly isRight: boolean }> = {
    "the ledger": { statements: [alterLedger], isRight: true },
    "the rollup": { statements: [alterRollup], isRight: false },
    "pending deltas of the rollup": { statements: [alterPending], isRight: false },
    "the watermark of the rollup": {
      statements: ["update takings.rollup_watermark set watermark = now() + interval '1 year'"],
      isRight: true,
    },
    "ledger and rollup": { statements: [alterLedger, alterRollup, alterPending], isRight: false },
  };
  for (const [what, { statements, isRight }] of Object.entries(alterations)) {
    it(`corrects totals, and never makes correct totals wrong, after an alteration of ${what}; also when killed`, async () => {
      await store.writer.record(many(60).map((n) => paymentOf(n)));
      await store.admin.query("update takings.rollup_watermark set watermark = '-infinity'");
      await eventuallyRolledUp();
      await store.writer.record(many(60, 60).map((n) => paymentOf(n)));
      for (const statement of statements) await store.admin.query(statement);
      const right = netOf(many(120));
      const before = await store.bothWays();
      expect(before.answered === right).to.equal(isRight);
      const seen = new Set<bigint>();
      for (const ms of [0, 60, 150]) {
        await killedAfter(ms);
        seen.add((await store.bothWays()).answered);
      }
      const over = new AbortController();
      // Twice, because a query whose read time is before the rebuild's commit but which runs after it sees the altered
      // ledger, which is then on record.
      const looking = whileItLasts(over.signal, async () => {
        const [one, other] = [await store.bothWays(), await store.bothWays()];
        if (one.answered === other.answered) seen.add(one.answered);
      });
      const { code, output } = await rebuild();
      over.abort();
      await looking;
      expect(code, output).to.equal(0);
      expect(await net()).to.equal(right);
      expect([...seen].filter((total) => total !== right && total !== before.answered)).to.deep.equal([]);
      expect((await verify()).code).to.equal(0);
      await store.writer.record(many(60, 120).map((n) => paymentOf(n)));
      await eventuallyRolledUp();
      expect(await net()).to.equal(netOf(many(180)));
    });
  }

  /** Applies all pending deltas to the rollup without waiting, which only the superuser may do. */
  async function eventuallyRolledUp(): Promise<void> {
    await store.admin.query("select takings.apply_rollup_deltas('0 seconds', 5000)");
  }

  /** Kills a rebuild some time after it has started to compare. */
  async function killedAfter(ms: number): Promise<void> {
    const { command, args, ...options } = nodeCommand([main, "rebuild"], {
      DATABASE_URL: store.database.migratorUrl,
    });
    const child = spawn(command, args, { ...options, stdio: "ignore" });
    const ended = once(child, "exit");
    await eventually(
      "the rebuild to start",
      async () => {
        const { rowCount } = await store.admin.query(
          "select from pg_stat_activity where application_name = 'takings-verify' and datname = current_database()",
        );
        return rowCount === 1 || child.exitCode !== null ? true : undefined;
      },
      60_000,
    );
    await pause(ms);
    child.kill("SIGKILL");
    await ended;
  }

  it("corrects totals although another session holds an advisory lock", async () => {
    await store.writer.record(many(50).map((n) => paymentOf(n)));
    await eventuallyRolledUp();
    await store.admin.query(alterRollup);
    const stranger = await store.admin.connect();
    await stranger.query("select pg_advisory_lock_shared(42)");
    await rebuild();
    await stranger.query("select pg_advisory_unlock_shared(42)");
    stranger.release();
    expect(await net()).to.equal(netOf(many(50)));
    expect((await verify()).code).to.equal(0);
  });

  it("corrects other events and reports the conflict when another session locks an entry", async () => {
    await recordByOtherRules(many(900));
    const holder = await store.admin.connect();
    await holder.query("set idle_in_transaction_session_timeout = 0");
    await holder.query("begin");
    await holder.query("select from takings.ledger where object_id = 'pi_5' for update");
    const { code, output } = await rebuild();
    await holder.query("rollback");
    holder.release();
    expect(output).to.match(/^900 events were read again: 400 of them were rewritten$/m);
    expect(output).to.match(/lock timeout; another session blocks it/);
    expect(code).to.equal(1);
    expect((await rebuild()).code).to.equal(0);
    expect(await net()).to.equal(netOf(many(900)));
  });
});
