import type { SeededPayout, SeededTransaction } from "./balance-ledger.ts";

const usd = { currency: "usd", fee: 0n } as const;

/** The ledger of the tests of the tie-out: two days, two currencies, an automatic payout and one that came back. */
export const transactions: readonly SeededTransaction[] = [
  {
    ...usd,
    id: "txn_m2",
    category: "adjustment",
    gross: 0n,
    created: "2026-09-20 09:00:00",
    availableOn: "2026-09-20 09:00:00",
    payout: "po_1",
  },
  {
    ...usd,
    id: "txn_card",
    category: "issuing_transaction",
    gross: -700n,
    created: "2026-09-11 09:00:00",
    availableOn: "2026-09-11 09:00:00",
    balanceType: "issuing",
  },
  {
    id: "txn_1",
    category: "charge",
    currency: "usd",
    gross: 1230n,
    fee: 66n,
    created: "2026-10-01 09:00:00",
    availableOn: "2026-10-03 00:00:00",
    source: "ch_1",
    payout: "po_1",
  },
  {
    id: "txn_2",
    category: "charge",
    currency: "jpy",
    gross: 500n,
    fee: 20n,
    created: "2026-10-01 10:00:00",
    availableOn: "2026-10-03 00:00:00",
    balanceType: null,
    source: "ch_2",
  },
  {
    ...usd,
    id: "txn_3",
    category: "refund",
    gross: -230n,
    created: "2026-10-02 11:00:00",
    availableOn: "2026-10-02 11:00:00",
    source: "re_3",
  },
  {
    ...usd,
    id: "txn_po1",
    category: "payout",
    gross: -1164n,
    created: "2026-10-03 00:00:00",
    availableOn: "2026-10-03 00:00:00",
    effectiveAt: "2026-10-05 00:00:00",
    source: "po_1",
    payout: "po_1",
  },
  {
    ...usd,
    id: "txn_po2",
    category: "payout",
    gross: -100n,
    created: "2026-10-04 08:00:00",
    availableOn: "2026-10-04 08:00:00",
    source: "po_2",
  },
  {
    ...usd,
    id: "txn_re2",
    category: "payout_reversal",
    gross: 100n,
    created: "2026-10-06 08:00:00",
    availableOn: "2026-10-06 08:00:00",
    source: "po_2",
  },
  // In Berlin the clock shows 02:30 twice on this day.
  ...["00:30:00", "01:30:00"].map((time, index) => ({
    ...usd,
    id: `txn_n${index + 1}`,
    category: "charge",
    gross: 100n,
    created: `2026-10-25 ${time}`,
    availableOn: `2026-10-25 ${time}`,
  })),
];

/** The payouts of that ledger. */
export const payouts: readonly SeededPayout[] = [
  {
    id: "po_1",
    amount: 1164n,
    currency: "usd",
    status: "paid",
    automatic: true,
    arrival: "2026-10-05 00:00:00",
    traceId: "TR1",
  },
  {
    id: "po_2",
    amount: 100n,
    currency: "usd",
    status: "failed",
    automatic: false,
    arrival: "2026-10-05 00:00:00",
    traceId: null,
  },
];
