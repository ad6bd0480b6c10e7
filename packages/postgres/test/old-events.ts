import type { Pool } from "pg";

type Claim = {
  readonly kind: string;
  readonly amount: string;
  readonly currency: string;
  readonly object_id?: string;
  readonly occurred_at?: string;
  readonly payment_intent?: string | null;
};

/** An event as it was stored while events claimed entries. */
export type OldEvent = {
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
export const dayOf = (day = 1): string => `2024-05-${String(day).padStart(2, "0")}T00:00:00.000Z`;

export const oldEvents: readonly OldEvent[] = [
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
export const oldLedger = [
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

export async function insertOld(admin: Pool, event: OldEvent, reason: string | null = null): Promise<void> {
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
