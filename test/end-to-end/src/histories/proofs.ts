import { later, type Members, type Scene, type StripeEvent } from "../scene.ts";
import { balanceTransactionObject, disputeObject, refundObject } from "../stripe-objects.ts";
import { receiveTransfer } from "./payments.ts";
import { agreeSale, chargeOf, intentOf, type Sale } from "./sale.ts";

/** Histories in which one event says what another one means, so that neither can be counted alone. */
export function proveByOthers(scene: Scene): StripeEvent[] {
  return scene.random.pick([
    mirrorTransferReversal,
    payOutCashBalance,
    cancelAuthorisation,
    captureSeveralTimes,
    returnLate,
    disputeInSteps,
  ])(scene);
}

/** The platform takes a transfer back: a refund in the connected account of a charge that was none. */
function mirrorTransferReversal(scene: Scene): StripeEvent[] {
  const sale = agreeSale(scene, undefined, "py");
  const saysSo = scene.random.chance(0.5) ? scene.name("trr") : null;
  const mirror = { ...refundFacts(scene, sale), source_transfer_reversal: saysSo };
  const at = later(scene.random, sale.capturedAt);
  return [...receiveTransfer(scene, sale), scene.event("refund.created", at, refundObject(scene, mirror))];
}

/** A customer's cash balance goes back to the bank; to a card it would be a refund like any other. */
function payOutCashBalance(scene: Scene): StripeEvent[] {
  const { random, start } = scene;
  const type = random.pick(["us_bank_transfer", "eu_bank_transfer", "card"]);
  const refund = refundObject(scene, {
    ...refundFacts(scene, agreeSale(scene, undefined)),
    charge: null,
    payment_intent: null,
    destination_details: { type },
  });
  return [
    scene.event("refund.created", start, refund),
    scene.event("refund.updated", later(random, start), refund),
  ];
}

/** Nothing but the events around it says that this refund let go of what was never taken. */
function cancelAuthorisation(scene: Scene): StripeEvent[] {
  const { random, start } = scene;
  const sale = agreeSale(scene, scene.name("pi"));
  const held = { captured: false, amount_captured: 0n };
  const at = later(random, start);
  const released = refundObject(scene, { ...refundFacts(scene, sale), amount: sale.authorised, created: at });
  const canceled = intentOf(scene, sale, { amount_received: 0n, status: "canceled" });
  const proofs = [
    scene.event("payment_intent.canceled", at, canceled),
    scene.event("charge.refunded", at, chargeOf(scene, sale, { ...held, amount_refunded: sale.authorised })),
  ];
  return [
    scene.event("charge.succeeded", start, chargeOf(scene, sale, held)),
    scene.event("refund.created", at, released),
    ...random.shuffle(proofs).slice(0, random.int(0, 2)),
  ];
}

/** Each capture moves money; the PaymentIntent says so at the end, if at all. */
function captureSeveralTimes(scene: Scene): StripeEvent[] {
  const { random, start } = scene;
  const sale = agreeSale(scene, random.chance(0.8) ? scene.name("pi") : undefined);
  const shares = random.int(1, 3);
  const details = { card: { multicapture: { status: "available" } }, type: "card" };
  let at = start;
  const events = Array.from({ length: shares }, (_, index) => {
    at = later(random, at);
    const captured = (sale.captured * BigInt(index + 1)) / BigInt(shares);
    const facts = { amount_captured: captured, payment_method_details: details };
    return scene.event(random.pick(["charge.captured", "charge.updated"]), at, chargeOf(scene, sale, facts));
  });
  if (sale.intent !== undefined && random.chance(0.7))
    events.push(scene.event("payment_intent.succeeded", later(random, at), intentOf(scene, sale)));
  return events;
}

/** A bank takes a payment back that had succeeded. */
function returnLate(scene: Scene): StripeEvent[] {
  const sale = agreeSale(scene, undefined);
  const at = later(scene.random, sale.capturedAt);
  return [
    scene.event("charge.succeeded", sale.capturedAt, chargeOf(scene, sale)),
    scene.event("charge.failed", at, chargeOf(scene, sale, { status: "failed", paid: false })),
  ];
}

/** The money is taken, and partly given back, in several transactions, which later events list too. */
function disputeInSteps(scene: Scene): StripeEvent[] {
  const { random } = scene;
  const sale = agreeSale(scene, scene.name("pi"));
  const currency = random.chance(0.7) ? scene.currency : "usd";
  const half = -(sale.captured / 2n + 1n);
  const moved = [half, half, -half, -half / 2n].map((amount) =>
    balanceTransactionObject(scene, amount, currency),
  );
  const facts = { id: scene.name("du"), amount: sale.captured, charge: sale.charge };
  let at = sale.capturedAt;
  const told = moved.map((_, index): StripeEvent => {
    at = later(random, at);
    const type = index < 2 ? "charge.dispute.funds_withdrawn" : "charge.dispute.funds_reinstated";
    const listed: Members = { balance_transactions: moved.slice(0, index + 1), payment_intent: sale.intent };
    return scene.event(type, at, disputeObject(scene, { ...facts, ...listed }));
  });
  return [
    scene.event("payment_intent.succeeded", sale.capturedAt, intentOf(scene, sale)),
    ...told.slice(0, random.int(1, told.length)),
  ];
}

function refundFacts(scene: Scene, sale: Sale): Members {
  return {
    id: scene.name(sale.charge.startsWith("py") ? "pyr" : "re"),
    amount: sale.captured,
    charge: sale.charge,
    created: later(scene.random, sale.capturedAt),
    payment_intent: sale.intent ?? null,
    status: "succeeded",
  };
}
