import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { PoolClient } from "pg";
import { lockAndGather } from "../src/ledger/lock-and-gather.ts";
import { type TestStore, createTestStore } from "./test-store.ts";
import { eventShowing, shownRefund } from "./events-showing.ts";

const payments = 20_000;
const fill = `
  insert into takings.payment_objects
  select prefix || n, 'default', '', true, 'pi_' || n
  from generate_series(1, ${payments}) as n cross join unnest(array['pi_', 'ch_', 're_']) as prefix;
  insert into takings.events (event_id, source, type, created, received_at, recorded_at, livemode, object_id, status,
    facts, payment_object, rules, payload, payload_codec)
  select 'evt_' || n, 'default', 'payment_intent.succeeded', now(), now(), now(), true, 'pi_' || n, 'processed',
    jsonb_build_object('shows', jsonb_build_array(jsonb_build_object('object', 'payment_intent', 'id', 'pi_' || n))),
    'pi_' || n, 2, '', 0
  from generate_series(1, ${payments}) as n;
  analyze takings.payment_objects, takings.events`;

describe("locking and gathering a few payments among many", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
    await store.admin.query(fill);
  });
  after(() => store.close());

  /** How many sequential scans there were in the client's transaction. */
  async function wholeReads(client: PoolClient): Promise<number> {
    const { rows } = await client.query<{ scans: number }>(
      `select sum(seq_scan)::integer as scans from pg_stat_xact_user_tables
       where schemaname = 'takings' and relname in ('events', 'payment_objects')`,
    );
    return rows[0]?.scans ?? Number.NaN;
  }

  for (const plans of ["force_custom_plan", "force_generic_plan"]) {
    for (const count of [1, 20]) {
      it(`reads no table sequentially for ${count} of them (${plans})`, async () => {
        const client = await store.admin.connect();
        try {
          await client.query(`begin; set local plan_cache_mode = ${plans}`);
          const earlier = await wholeReads(client);
          const groups = Array.from({ length: count }, (_, n) => ({
            source: "default",
            account: null,
            livemode: true,
            objects: new Set([`re_${n * 7 + 1}`, `ch_${n * 7 + 1}`]),
          }));
          const { facts } = await lockAndGather(client, groups);
          expect(facts).to.have.length(count);
          expect(await wholeReads(client)).to.equal(earlier);
        } finally {
          await client.query("rollback");
          client.release();
        }
      });
    }
  }

  it("is fast enough for a payment of thousands of events", async () => {
    const refund = (n: number) =>
      eventShowing(`evt_huge${n}`, [shownRefund(`re_huge${n}`, { charge: "ch_huge" })]);
    await store.writer.record(Array.from({ length: 2_000 }, (_, n) => refund(n)));
    const begun = performance.now();
    await store.writer.record([refund(2_000)]);
    expect(performance.now() - begun).to.be.below(2_000);
  });
});
