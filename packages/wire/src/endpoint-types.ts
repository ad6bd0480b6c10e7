import { ledgerTypes } from "./decode-event.ts";

/** Types that count nothing by themselves, but show objects that decide what other events mean. docs/revenue.md */
const evidenceTypes: readonly string[] = ["charge.updated", "charge.expired", "payment_intent.canceled"];

/** Types that the page shows with a payment: what became of a dispute. Its money has events of its own. */
const disputeStateTypes: readonly string[] = [
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
];

/** Types that tell the balance ledger the latest state of a payout. docs/balance.md */
const payoutTypes: readonly string[] = [
  "payout.created",
  "payout.updated",
  "payout.paid",
  "payout.failed",
  "payout.canceled",
  "payout.reconciliation_completed",
];

/**
 * The event types that a webhook endpoint of Takings receives: all that the ledger, the balance and the page need, and no
 * other. Sorted by name.
 */
export const endpointTypes: readonly string[] = [
  ...ledgerTypes,
  ...evidenceTypes,
  ...disputeStateTypes,
  ...payoutTypes,
].toSorted();
