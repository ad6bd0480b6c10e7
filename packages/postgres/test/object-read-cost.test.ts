import type { EventFilter } from "@takings/domain";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { readSafeReadTime } from "../src/record/recorded-time.ts";
import { findObjects } from "../src/read/find-objects.ts";
import { readEvents } from "../src/read/read-events.ts";
import { createPool } from "../src/session/pool.ts";

const payments = 10_000;
const few = 200;

/** Payments of a charge and a refund; the ten latest events are in quarantine. Each event has an earlier version. */
const texts = [
  `insert into takings.events (event_id, source, type, created, received_at, recorded_at, livemode, object_id, payment_intent,
     status, reason, rules, payload, payload_codec)
   select 'evt_' || n, 'default', 'charge.succeeded', at, at, now() - interval '1 minute', true, 'ch_' || n, 'pi_' || n,
     case when is_odd then 'quarantined' else 'processed' end, case when is_odd then 'odd' end, 1, '{}', 0
   from generate_series(1, ${payments}) as number (n)
   cross join lateral (values ('2024-01-01'::timestamptz + n * interval '1 minute', n > ${payments - 10})) as made (at, is_odd)`,
  `insert into takings.events_superseded (event_id, source, type, created, received_at, livemode, object_id, payment_intent,
     status, recorded_at, superseded_at)
   select event_id, source, type, created, received_at, livemode, object_id, payment_intent, 'processed',
     now() - interval '1 hour', now() - interval '1 minute'
   from takings.events`,
  `insert into takings.payment_objects (object_id, source, account, livemode, belongs_to)
   select prefix || n, 'default', '', true, case prefix when 're_' then 'ch_' else 'pi_' end || n
   from generate_series(1, ${payments}) as number (n) cross join (values ('pi_'), ('ch_'), ('re_')) as made (prefix)`,
  `insert into takings.ledger (id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id,
     payment_intent, recorded_at)
   select 'le_' || n, 'payment', 'default', '', true, 'pi_' || n, 100, 'usd', now(), 'evt_' || n, 'pi_' || n,
     now() - interval '1 minute'
   from generate_series(1, ${payments}) as number (n)`,
  "analyze takings.events, takings.events_superseded, takings.payment_objects, takings.ledger",
];

describe("a question about one object among many", () => {
  let database: TestDatabase;
  /** One connection, so that the counters in a transaction are those of the statement between. */
  let pool: Pool;

  before(async () => {
    database = await testDatabase();
    const url = database.superuserUrl;
    pool = createPool({ url, name: "test", max: 1, statementTimeoutMs: 10_000, onIdleError: () => {} });
    for (const text of texts) await pool.query(text);
  });
  after(async () => {
    await pool.end();
    await database.drop();
  });

  async function rowsRead(read: () => Promise<unknown>): Promise<number> {
    await pool.query("begin");
    const before = await counted();
    await read();
    const after = await counted();
    await pool.query("commit");
    return after - before;
  }

  async function counted(): Promise<number> {
    const { rows } = await pool.query<{ read: number }>(
      `select sum(pg_stat_get_xact_tuples_returned(oid) + pg_stat_get_xact_tuples_fetched(oid))::integer as read
       from (values ('takings.events'::regclass), ('takings.payment_objects'), ('takings.ledger')) as tables (oid)`,
    );
    return rows[0]?.read ?? Number.NaN;
  }

  for (const id of ["evt_77", "pi_77", "ch_77", "re_77", "le_77", "xx_77"]) {
    it(`reads few rows to find ${id}`, async () => {
      expect(await rowsRead(() => findObjects(pool, id, "*"))).to.be.at.most(few);
    });
  }

  const filters: readonly Partial<EventFilter>[] = [
    { objectId: "ch_77" },
    { objectId: "xx_77", source: "*" },
    { objectId: "pi_77", status: "processed" },
    { status: "quarantined" },
  ];
  for (const filter of filters) {
    it(`reads few events for a list of those with ${JSON.stringify(filter)}`, async () => {
      const asOf = await readSafeReadTime(pool);
      const all = { asOf, from: undefined, to: undefined, type: undefined, source: "default" };
      const read = (): Promise<unknown> =>
        readEvents(pool, { ...all, ...filter }, { limit: 101, after: undefined });
      expect(await rowsRead(read)).to.be.at.most(few);
    });
  }
});
