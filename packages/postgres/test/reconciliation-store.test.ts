import type { LedgerScope, ReconcileRun, ReconciliationStore } from "@takings/domain";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { withReconciliationStore } from "../src/reconcile/reconciliation-store.ts";
import { poolOf } from "./test-store.ts";

const scopeOf = (source: string): LedgerScope => ({ source, account: null, livemode: true });
const runThrough = (through: string): ReconcileRun => ({
  requested: {},
  from: new Date("2026-01-01"),
  through: new Date(through),
  stage: "charge",
  listed: 1,
  published: 0,
  missing: 0,
  different: 0,
});

describe("the stores of the reconciliations of two sources", () => {
  let database: TestDatabase;
  let admin: Pool;
  before(async () => {
    database = await testDatabase();
    admin = poolOf(database.superuserUrl);
  });
  after(async () => {
    await admin.end();
    await database.drop();
  });

  const reconcile = <T>(source: string, work: (store: ReconciliationStore) => Promise<T>): Promise<T> =>
    withReconciliationStore(database.reconcilerUrl, scopeOf(source), work);

  it("can be open at the same time, each once", async () => {
    const refused = await reconcile("default", () =>
      reconcile("shop", () => reconcile("shop", async () => "allowed")),
    ).catch(String);
    expect(refused).to.match(/another process is reconciling this source, account and mode/);
  });

  it("keep their progress apart", async () => {
    const [first, second] = [runThrough("2026-01-02"), runThrough("2026-01-03")];
    await reconcile("default", (store) => store.saveProgress(first));
    await reconcile("shop", (store) => store.saveProgress(second));
    expect((await reconcile("default", (store) => store.read())).run).to.deep.equal(first);
    expect((await reconcile("shop", (store) => store.read())).run).to.deep.equal(second);
    const result = { completeFrom: "2026-01-01T00:00:00Z", completeThrough: "2026-01-03T00:00:00Z" };
    await reconcile("shop", (store) => store.finish({ ...result, missing: 0, different: 0 }));
    expect((await reconcile("shop", (store) => store.read())).known).to.include(result);
    expect((await reconcile("default", (store) => store.read())).known).to.equal(undefined);
  });

  it("know the events and gaps of their source alone", async () => {
    await admin.query(
      `insert into takings.events (event_id, source, type, created, received_at, recorded_at, livemode, status, rules,
         payload, payload_codec)
       values ('evt_1', 'shop', 'charge.updated', now(), now(), now(), true, 'processed', 1, '{}', 0)`,
    );
    await admin.query(
      `insert into takings.gaps (kind, source, account, livemode, object_id, amount, currency, seen_at, event_id)
       values ('refund', 'shop', '', true, 'ch_1', 5, 'usd', '2026-01-01Z', 'evt_1')`,
    );
    const known = (source: string): Promise<unknown> =>
      reconcile(source, async (store) => [
        [...(await store.missingEvents(["evt_1"]))],
        await store.gaps(new Date("2026-02-01")),
      ]);
    expect(await known("shop")).to.deep.equal([
      [],
      [{ kind: "refund", charge: "ch_1", paymentIntent: undefined }],
    ]);
    expect(await known("default")).to.deep.equal([["evt_1"], []]);
  });
});
