import { checkoutSessionObject, customerObject } from "../customer-objects.ts";
import type { StripeEvent } from "../event.ts";
import type { Members } from "../json.ts";
import type { CurrencyTotals } from "../revenue-totals.ts";
import { balanceTransactionObject, disputeObject, refundObject } from "../stripe-objects.ts";
import { chargeOf, intentOf, type Order, orderEvent, partOf } from "./order.ts";

/** What became of an order: its events in an order in which they could have happened, and its revenue. */
export type Outcome = {
  readonly events: readonly StripeEvent[];
  /** In the order's currency; what is left out is zero. */
  readonly revenue: Partial<CurrencyTotals>;
};

/** How often each outcome happens, relative to the others. */
const outcomes: readonly (readonly [weight: number, play: (order: Order) => Outcome])[] = [
  [152, pay],
  [16, decline],
  [6, payByChargeAlone],
  [6, captureInPart],
  [12, refundAfterwards],
  [2, failToRefund],
  [3, loseDispute],
  [3, winDispute],
];
const deck = outcomes.flatMap(([weight, play]) => Array.from({ length: weight }, () => play));

/** Decides what becomes of an order. */
export function playOrder(order: Order): Outcome {
  return order.random.pick(deck)(order);
}

/** The event of an order's customer, which is not money. */
export function customerCreated(order: Order): StripeEvent {
  return orderEvent(order, "customer.created", 0, customerObject(order));
}

function pay(order: Order): Outcome {
  const { random, amount, paymentIntent } = order;
  const checkout = (): Members => checkoutSessionObject(order, amount, paymentIntent);
  return {
    events: [
      ...(random.chance(1 / 3) ? [customerCreated(order)] : []),
      orderEvent(order, "payment_intent.created", 0, intentOf(order, "requires_payment_method")),
      orderEvent(order, "charge.succeeded", 2, chargeOf(order)),
      orderEvent(order, "payment_intent.succeeded", 2, intentOf(order, "succeeded")),
      orderEvent(order, "charge.updated", 4, chargeOf(order)),
      ...(random.chance(0.5) ? [orderEvent(order, "checkout.session.completed", 3, checkout())] : []),
    ],
    revenue: { gross: BigInt(amount), payments: 1 },
  };
}

function decline(order: Order): Outcome {
  const intent = intentOf(order, "requires_payment_method");
  return {
    events: [
      orderEvent(order, "payment_intent.created", 0, intent),
      orderEvent(order, "payment_intent.payment_failed", 3, intent),
    ],
    revenue: {},
  };
}

function payByChargeAlone(order: Order): Outcome {
  const charge = chargeOf(order, { payment_intent: null });
  return {
    events: [orderEvent(order, "charge.succeeded", 0, charge)],
    revenue: { gross: BigInt(order.amount), payments: 1 },
  };
}

function captureInPart(order: Order): Outcome {
  const captured = partOf(order);
  const charge = chargeOf(order, { amount_captured: captured });
  const capturable = intentOf(order, "requires_capture");
  return {
    events: [
      orderEvent(order, "payment_intent.amount_capturable_updated", 0, capturable),
      orderEvent(order, "charge.captured", 600, charge),
      orderEvent(order, "payment_intent.succeeded", 600, intentOf(order, "succeeded", captured)),
    ],
    revenue: { gross: BigInt(captured), payments: 1 },
  };
}

function refundAfterwards(order: Order): Outcome {
  const { random, amount, maxDelay } = order;
  const paid = pay(order);
  const returned = random.chance(1 / 3) ? partOf(order) : amount;
  const after = random.int(600, maxDelay);
  const refund = refundOf(order, order.newId("re"), returned, after, "succeeded");
  const charge = chargeOf(order, { amount_refunded: returned, refunded: returned === amount });
  return {
    events: [
      ...paid.events,
      orderEvent(order, "refund.created", after, refund),
      orderEvent(order, "charge.refunded", after, charge),
      orderEvent(order, "refund.updated", after + 30, refund),
    ],
    revenue: { ...paid.revenue, refunded: BigInt(returned), refunds: 1 },
  };
}

/** The money leaves and comes back: it counts as one refund of nothing. */
function failToRefund(order: Order): Outcome {
  const paid = pay(order);
  const id = order.newId("re");
  const after = order.random.int(600, order.maxDelay);
  const refund = (status: string): Members => refundOf(order, id, order.amount, after, status);
  return {
    events: [
      ...paid.events,
      orderEvent(order, "refund.created", after, refund("pending")),
      orderEvent(order, "refund.failed", after + 1_200, refund("failed")),
    ],
    revenue: { ...paid.revenue, refunds: 1 },
  };
}

function refundOf(order: Order, id: string, amount: number, after: number, status: string): Members {
  return refundObject(order, {
    id,
    amount,
    charge: order.charge,
    created: order.start + after,
    payment_intent: order.paymentIntent,
    reason: "requested_by_customer",
    status,
  });
}

function loseDispute(order: Order): Outcome {
  const { events, revenue, closed, disputeIn } = dispute(order);
  return {
    events: [...events, orderEvent(order, "charge.dispute.closed", closed, disputeIn("lost"))],
    revenue: { ...revenue, disputed: BigInt(order.amount) },
  };
}

function winDispute(order: Order): Outcome {
  const { events, revenue, closed, disputeIn } = dispute(order);
  const won = disputeIn("won", movement(order, order.amount));
  return {
    events: [
      ...events,
      orderEvent(order, "charge.dispute.funds_reinstated", closed, won),
      orderEvent(order, "charge.dispute.closed", closed, won),
    ],
    revenue,
  };
}

/** A paid order whose money is withdrawn by a dispute. `disputeIn` shows the dispute in a later status. */
function dispute(order: Order): Outcome & {
  readonly closed: number;
  readonly disputeIn: (status: string, ...returned: readonly Members[]) => Members;
} {
  const { random, amount, charge, paymentIntent, start, maxDelay } = order;
  const paid = pay(order);
  const opened = random.int(600, maxDelay);
  const withdrawal = movement(order, -amount);
  const shown = {
    id: order.newId("du"),
    amount,
    charge,
    created: start + opened,
    payment_intent: paymentIntent,
  };
  const disputeIn = (status: string, ...returned: readonly Members[]): Members =>
    disputeObject(order, { ...shown, balance_transactions: [withdrawal, ...returned], status });
  const created = disputeObject(order, { ...shown, balance_transactions: [] });
  return {
    events: [
      ...paid.events,
      orderEvent(order, "charge.dispute.created", opened, created),
      orderEvent(order, "charge.dispute.funds_withdrawn", opened + 1, disputeIn("needs_response")),
    ],
    revenue: { ...paid.revenue, disputes: 1 },
    closed: opened + 1_800,
    disputeIn,
  };
}

function movement(order: Order, amount: number): Members {
  return { ...balanceTransactionObject(order, amount), id: order.newId("txn") };
}
