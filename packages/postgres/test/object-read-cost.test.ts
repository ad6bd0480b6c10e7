import type { EventFilter } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readSafeReadTime } from "../src/record/recorded-time.ts";
import { findObjects } from "../src/read/find-objects.ts";
import { readEvents } from "../src/read/read-events.ts";
import { countedReads } from "./counted-reads.ts";

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
];

describe("a question about one object among many", () => {
  const tables = ["takings.events", "takings.payment_objects", "takings.ledger"];
  const reads = countedReads({ fill: texts, tables });

  for (const id of ["evt_77", "pi_77", "ch_77", "re_77", "le_77", "xx_77"]) {
    it(`reads few rows to find ${id}`, async () => {
      expect(await reads.rowsRead(() => findObjects(reads.pool, id, "*"))).to.be.at.most(few);
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
      const asOf = await readSafeReadTime(reads.pool);
      const all = { asOf, from: undefined, to: undefined, type: undefined, source: "default" };
      const read = (): Promise<unknown> =>
        readEvents(reads.pool, { ...all, ...filter }, { limit: 101, after: undefined });
      expect(await reads.rowsRead(read)).to.be.at.most(few);
    });
  }
});
