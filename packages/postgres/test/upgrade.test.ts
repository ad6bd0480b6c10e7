import type { EventRecord } from "@takings/domain";
import { eventSaying, type TestDatabase, testDatabase } from "@takings/testkit";
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
import { folderOfMigrations } from "./folder-of-migrations.ts";
import { poolOf } from "./reading-store.ts";

type Claim = {
  readonly kind: string;
  readonly amount: string;
  readonly currency: string;
  readonly object_id?: string;
  readonly occurred_at?: string;
  readonly payment_intent?: string | null;
};

/** An event as it was stored while events claimed entries. */
type OldEvent = {
  readonly id: string;
  readonly type: string;
  readonly object: string;
  readonly intent?: string;
  readonly account?: string;
  readonly livemode?: boolean;
  readonly day?: number;
  readonly body?: string;
  readonly claims?: readonly Claim[];
};

const usd = (kind: string, amount: string, more: Partial<Claim> = {}): Claim => ({
  kind,
  amount,
  currency: "usd",
  ...more,
});
const dayOf = (day = 1): string => `2024-05-${String(day).padStart(2, "0")}T00:00:00.000Z`;

const oldEvents: readonly OldEvent[] = [
  {
    id: "evt_pi",
    type: "payment_intent.succeeded",
    object: "pi_1",
    intent: "pi_1",
    claims: [usd("payment", "1000")],
  },
  // Refunds of it: by its own event, before and after it had failed, and as a charge lists them.
  {
    id: "evt_re",
    type: "refund.created",
    object: "re_1",
    intent: "pi_1",
    claims: [usd("refund", "-100", { occurred_at: dayOf(2) })],
    day: 3,
  },
  {
    id: "evt_re_failed",
    type: "refund.failed",
    object: "re_1",
    intent: "pi_1",
    day: 5,
    claims: [usd("refund", "-100", { occurred_at: dayOf(2) }), usd("refund_reversal", "100")],
  },
  {
    id: "evt_listed",
    type: "charge.refunded",
    object: "ch_1",
    intent: "pi_1",
    day: 6,
    claims: [
      usd("refund", "-20", { object_id: "re_2", occurred_at: dayOf(5) }),
      usd("refund", "-30", { object_id: "re_3", occurred_at: dayOf(6) }),
      usd("refund_reversal", "30", { object_id: "re_3" }),
    ],
  },
  // A charge without a PaymentIntent, with two refunds.
  { id: "evt_ch", type: "charge.succeeded", object: "ch_2", claims: [usd("payment", "500")] },
  { id: "evt_ch_again", type: "charge.captured", object: "ch_2", day: 2, claims: [usd("payment", "500")] },
  {
    id: "evt_ch_refunded",
    type: "charge.refunded",
    object: "ch_2",
    day: 3,
    claims: [
      usd("refund", "-5", { object_id: "re_5", occurred_at: dayOf(3) }),
      usd("refund", "-4", { object_id: "re_4", occurred_at: dayOf(2) }),
    ],
  },
  {
    id: "evt_re_4",
    type: "refund.updated",
    object: "re_4",
    day: 4,
    claims: [usd("refund", "-4", { occurred_at: dayOf(2) })],
  },
  // The same refund is known with its payment by one event, and without by another.
  { id: "evt_re_6", type: "refund.created", object: "re_6", claims: [usd("refund", "-6")] },
  {
    id: "evt_re_6_named",
    type: "charge.refund.updated",
    object: "re_6",
    intent: "pi_6",
    day: 2,
    claims: [usd("refund", "-6", { occurred_at: dayOf(1) })],
  },
  {
    id: "evt_py",
    type: "charge.refunded",
    object: "py_7",
    intent: "pi_7",
    claims: [usd("refund", "-7", { object_id: "pyr_7" })],
  },
  {
    id: "evt_odd_name",
    type: "payment_intent.succeeded",
    object: "pi_7",
    intent: "pi_7",
    claims: [usd("payment", "70")],
  },
  // Disputes.
  {
    id: "evt_dp",
    type: "charge.dispute.funds_withdrawn",
    object: "dp_1",
    intent: "pi_1",
    claims: [usd("dispute", "-1000")],
  },
  {
    id: "evt_dp_won",
    type: "charge.dispute.funds_reinstated",
    object: "dp_1",
    intent: "pi_1",
    day: 9,
    claims: [usd("dispute_reversal", "990")],
  },
  {
    id: "evt_dp_lone",
    type: "charge.dispute.funds_withdrawn",
    object: "dp_2",
    claims: [usd("dispute", "-3")],
  },
  // Other books with the same ids.
  {
    id: "evt_acct",
    type: "payment_intent.succeeded",
    object: "pi_1",
    intent: "pi_1",
    account: "acct_1",
    claims: [usd("payment", "11")],
  },
  {
    id: "evt_test",
    type: "payment_intent.succeeded",
    object: "pi_1",
    intent: "pi_1",
    livemode: false,
    claims: [usd("payment", "12")],
  },
  // From Stripe's API, long after: it decides last.
  {
    id: "evt_reconcile_pi_1",
    type: "payment_intent.succeeded",
    object: "pi_1",
    intent: "pi_1",
    claims: [usd("payment", "1000")],
  },
  {
    id: "evt_reconcile_re_9",
    type: "refund.created",
    object: "re_9",
    intent: "pi_1",
    claims: [usd("refund", "-9")],
  },
  // With a body, and with none that says anything of money.
  { id: "evt_shown", type: "charge.succeeded", object: "ch_1", intent: "pi_1", body: '{"shows":"ch_1"}' },
  { id: "evt_silent", type: "customer.created", object: "cus_1" },
];

/** What the ledger said of these events, as it was written then: by kind, books and object. */
const oldLedger = [
  "payment live  pi_1 1000 usd 2024-05-01 evt_pi pi_1",
  "refund live  re_1 -100 usd 2024-05-02 evt_re pi_1",
  "refund_reversal live  re_1 100 usd 2024-05-05 evt_re_failed pi_1",
  "refund live  re_2 -20 usd 2024-05-05 evt_listed pi_1",
  "refund live  re_3 -30 usd 2024-05-06 evt_listed pi_1",
  "refund_reversal live  re_3 30 usd 2024-05-06 evt_listed pi_1",
  "payment live  ch_2 500 usd 2024-05-01 evt_ch null",
  "refund live  re_4 -4 usd 2024-05-02 evt_ch_refunded null",
  "refund live  re_5 -5 usd 2024-05-03 evt_ch_refunded null",
  "refund live  re_6 -6 usd 2024-05-01 evt_re_6 pi_6",
  "refund live  pyr_7 -7 usd 2024-05-01 evt_py pi_7",
  "payment live  pi_7 70 usd 2024-05-01 evt_odd_name pi_7",
  "dispute live  dp_1 -1000 usd 2024-05-01 evt_dp pi_1",
  "dispute_reversal live  dp_1 990 usd 2024-05-09 evt_dp_won pi_1",
  "dispute live  dp_2 -3 usd 2024-05-01 evt_dp_lone null",
  "payment live acct_1 pi_1 11 usd 2024-05-01 evt_acct pi_1",
  "payment test  pi_1 12 usd 2024-05-01 evt_test pi_1",
  "refund live  re_9 -9 usd 2024-05-01 evt_reconcile_re_9 pi_1",
];

const insertText = `
  insert into takings.events (
    event_id, type, created, received_at, recorded_at, livemode, account, object_id, payment_intent, status, reason, claims,
    rules, payload, payload_codec, payload_removed_at
  ) values ($1, $2, $3, $3, now(), $4, $5, $6, $7, $8, $9, $10, 1, $11, 0, case when $11::bytea is null then now() end)`;

async function insertOld(admin: Pool, event: OldEvent, reason: string | null = null): Promise<void> {
  const { id, type, object, intent = null, account = null, livemode = true, day, body, claims } = event;
  await admin.query(insertText, [
    id,
    type,
    dayOf(day),
    livemode,
    account,
    object,
    intent,
    reason === null ? "processed" : "quarantined",
    reason,
    claims === undefined ? null : JSON.stringify(claims),
    body === undefined ? null : Buffer.from(body),
  ]);
}

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
    using folder = folderOfMigrations(Object.fromEntries(files.map(({ name, sql }) => [name, sql])));
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
      eventSaying({
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
    const said = eventSaying({
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
    expect(rewritten).to.deep.equal({ events: 1, quarantined: 0, refused: [] });
    // What the charge lists as refunds only mirrors the reversal of a transfer.
    const ledger = await ledgerOf(admin);
    expect(ledger.filter((line) => line.includes("evt_listed"))).to.deep.equal([]);
    expect(ledger).to.include(oldLedger[1]);
    expect((await compared()).different).to.deep.equal([]);
  });
});
