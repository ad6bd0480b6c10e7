import type { EventRecord } from "@takings/domain";
import { eventWithEntry, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { correctPayments } from "../src/correct-payments.ts";
import { differencesBetween } from "../src/ledger-fields.ts";
import { migrate } from "../src/migrate.ts";
import { readMigrations } from "../src/migration-files.ts";
import { createPayloadCodec } from "../src/payload-codec.ts";
import { createPaymentWriter } from "../src/payment-writer.ts";
import { rewriteEvents } from "../src/rewrite-events.ts";
import { withVerification } from "../src/verification.ts";
import { createMigrationsFolder } from "./migrations-folder.ts";
import { dayOf, insertOld, oldEvents, oldLedger } from "./old-events.ts";
import { poolOf } from "./test-store.ts";

/** What the ledger says, in the form of {@link oldLedger}. */
async function ledgerOf(admin: Pool): Promise<readonly string[]> {
  const { rows } = await admin.query<{ line: string }>(
    `select concat_ws(' ', kind, case when livemode then 'live' else 'test' end, account, object_id, amount, currency,
       (occurred_at at time zone 'UTC')::date, event_id, coalesce(payment_intent, 'null')) as line
     from takings.ledger`,
  );
  return rows.map(({ line }) => line);
}

describe("a store whose events claimed entries", () => {
  let database: TestDatabase;
  let admin: Pool;
  before(async () => {
    database = await testDatabase({ migrated: false });
    admin = poolOf(database.superuserUrl);
    const files = (await readMigrations()).filter(({ name }) => name < "000006");
    using folder = createMigrationsFolder(Object.fromEntries(files.map(({ name, sql }) => [name, sql])));
    await migrate(database.migratorUrl, () => {}, { folder: folder.url });
    for (const event of oldEvents) await insertOld(admin, event);
    await insertOld(
      admin,
      { id: "evt_q", type: "refund.created", object: "re_q", body: "{}" },
      "not understood",
    );
    await migrate(database.migratorUrl, () => {});
  });
  after(async () => {
    await admin.end();
    await database.drop();
  });

  /** What is not as it must be, and how many payments there are. */
  const compared = () =>
    withVerification(database.readerUrl, async (store) => {
      const payments = await Array.fromAsync(store.payments());
      const events = (await Array.fromAsync(store.events())).flat();
      const different = payments.filter(({ entries }) =>
        entries.some(
          ({ kept, recounted }) => !kept || !recounted || differencesBetween(kept, recounted).length > 0,
        ),
      );
      const unlinked = events.filter(({ isLinked, facts }) => !isLinked || facts instanceof Error);
      return { payments, different, unlinked: unlinked.map(({ eventId }) => eventId) };
    });

  it("makes the ledger of its events' claims from their facts", async () => {
    const { payments, unlinked } = await compared();
    expect(unlinked).to.deep.equal([]);
    await correctPayments(admin, payments);
    expect(await ledgerOf(admin)).to.have.members(oldLedger);
    expect((await compared()).different).to.deep.equal([]);
  });

  it("knows which objects belong together as if it had always done", async () => {
    const { rows } = await admin.query<{ line: string }>(
      `select belongs_to || ': ' || string_agg(object_id, ' ' order by object_id) as line from takings.payment_objects
       where account = '' and livemode group by belongs_to order by 1`,
    );
    expect(rows.map(({ line }) => line)).to.deep.equal([
      "ch_2: ch_2 re_4 re_5",
      "dp_2: dp_2",
      "pi_1: ch_1 dp_1 pi_1 re_1 re_2 re_3 re_9",
      "pi_6: pi_6 re_6",
      "pi_7: pi_7 py_7 pyr_7",
    ]);
  });

  it("goes on with what is stored from then on", async () => {
    const pool = poolOf(database.writerUrl);
    await createPaymentWriter(pool).record([
      eventWithEntry({
        eventId: "evt_new",
        kind: "refund_reversal",
        objectId: "re_5",
        amount: 5n,
        at: "2024-05-08T00:00:00Z",
      }),
    ]);
    await pool.end();
    expect(await ledgerOf(admin)).to.have.members([
      ...oldLedger,
      "refund_reversal live  re_5 5 usd 2024-05-08 evt_new null",
    ]);
    expect((await compared()).different).to.deep.equal([]);
  });

  it("reads the bodies that it has again, and leaves the others as they were", async () => {
    const said = eventWithEntry({
      eventId: "evt_shown",
      objectId: "ch_1",
      type: "charge.succeeded",
      at: dayOf(1),
      paymentIntent: "pi_1",
    });
    const shows: NonNullable<EventRecord["facts"]>["shows"] = [
      {
        object: "charge",
        id: "ch_1",
        paymentIntent: "pi_1",
        fromTransfer: true,
        status: "succeeded",
        captured: true,
        amount: 1000n,
        amountCaptured: 1000n,
        amountRefunded: 0n,
        currency: "usd",
        multicapture: false,
      },
    ];
    const facts = said.facts && { ...said.facts, shows };
    const rewritten = await rewriteEvents(
      admin,
      createPayloadCodec(),
      oldEvents.map(({ id }) => id),
      ({ eventId, body }) =>
        eventId === "evt_shown" && body instanceof Buffer ? { ...said, facts, rules: 2 } : undefined,
    );
    expect(rewritten).to.deep.equal({ events: 1, entries: 6, quarantined: 0, refused: [] });
    // What the charge lists as refunds only mirrors the reversal of a transfer.
    const ledger = await ledgerOf(admin);
    expect(ledger.filter((line) => line.includes("evt_listed"))).to.deep.equal([]);
    expect(ledger).to.include(oldLedger[0]);
    expect((await compared()).different).to.deep.equal([]);
  });
});
