import { setTimeout as delay } from "node:timers/promises";
import type { EventRecord } from "@takings/domain";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { PoolClient } from "pg";
import { lockBalance } from "../src/balance/lock-balance.ts";
import { saidFacts } from "../src/balance/said-fact.ts";
import { ownTransaction, payoutEvent, payoutFact, readingOf, transactionFact } from "./balance-events.ts";
import { eventShowing, shownIntent } from "./events-showing.ts";
import { type TestStore, createTestStore } from "./test-store.ts";

/** What a rebuild holds: all payouts. */
const holdPayouts =
  "select pg_advisory_xact_lock(x'74616b70'::integer, bucket) from generate_series(0, 63) as bucket";

describe("a batch while another session holds payouts or balance transactions", () => {
  let store: TestStore;
  let other: PoolClient;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());
  beforeEach(async () => {
    other = await store.admin.connect();
    await other.query("begin");
  });
  afterEach(async () => {
    await other.query("rollback");
    other.release();
  });

  async function storedOf(events: readonly EventRecord[]): Promise<readonly string[]> {
    const { rows } = await store.admin.query<{ event_id: string }>(
      "select event_id from takings.events where event_id = any($1) order by event_id",
      [events.map(({ eventId }) => eventId)],
    );
    return rows.map((row) => row.event_id);
  }

  async function untilStored(events: readonly EventRecord[], wanted: readonly string[]): Promise<void> {
    for (const deadline = Date.now() + 2_500; Date.now() < deadline; ) {
      if ((await storedOf(events)).length >= wanted.length) break;
      await delay(20);
    }
    expect(await storedOf(events)).to.deep.equal(wanted);
  }

  it("records its other events, and the rest once they are free", async () => {
    const events = [
      eventShowing("evt_a_payment", [shownIntent("pi_a")]),
      payoutEvent("evt_a_payout", payoutFact("po_a")),
      readingOf("evt_a_own", ownTransaction("txn_a_own", "po_a")),
      readingOf("evt_a_charge", transactionFact("txn_a")),
    ];
    await other.query(holdPayouts);
    const recorded = store.writer.record(events);
    await untilStored(events, ["evt_a_charge", "evt_a_payment"]);
    await other.query("rollback");
    await recorded;
    await untilStored(events, ["evt_a_charge", "evt_a_own", "evt_a_payment", "evt_a_payout"]);
  });

  it("records its other events while a balance transaction is held", async () => {
    await store.writer.record([readingOf("evt_b_first", transactionFact("txn_b"))]);
    const events = [
      eventShowing("evt_b_payment", [shownIntent("pi_b")]),
      readingOf("evt_b_second", transactionFact("txn_b", { status: "available" }), { second: 5 }),
    ];
    await other.query("select from takings.balance_transactions where id = 'txn_b' for update");
    const recorded = store.writer.record(events);
    await untilStored(events, ["evt_b_payment"]);
    await other.query("rollback");
    await recorded;
    await untilStored(events, ["evt_b_payment", "evt_b_second"]);
  });

  it("is not held up by the same ids of another source", async () => {
    const ofSource = (source: string, second: number): readonly EventRecord[] => [
      payoutEvent(`evt_d_payout_${second}`, payoutFact("po_d"), { source, second }),
      readingOf(`evt_d_own_${second}`, ownTransaction("txn_d_own", "po_d"), { source, second }),
    ];
    await store.writer.record([...ofSource("default", 1), ...ofSource("shop", 1)]);
    await lockBalance(other, ofSource("shop", 1).flatMap(saidFacts));
    const events = ofSource("default", 2);
    await store.writer.record(events);
    expect(await storedOf(events)).to.have.length(2);
  });

  it("fails for the rest after some seconds, and says what is held", async () => {
    const events = [
      eventShowing("evt_c_payment", [shownIntent("pi_c")]),
      payoutEvent("evt_c_payout", payoutFact("po_c")),
    ];
    await other.query(holdPayouts);
    const failure: unknown = await store.writer.record(events).catch((error: unknown) => error);
    expect(String(failure)).to.include("have held payouts or balance transactions of 1 events for 3 s");
    expect(await storedOf(events)).to.deep.equal(["evt_c_payment"]);
  });
});
