import type { Json } from "../json-text.ts";
import type { Members, Scene, StripeEvent } from "../scene.ts";
import { disputeObject, refundObject } from "../stripe-objects.ts";
import { agreeSale, chargeOf, intentOf } from "./sale.ts";
import { thinEvent } from "./silent.ts";

const brokenAmounts: readonly Json[] = [-1n, -9_007_199_254_740_993n, 10.5, "1000", null, true];
const brokenCurrencies: readonly Json[] = ["us", "dollars", "", "u$d", null, 840n];

const thinTypes = [
  "payment_intent.succeeded",
  "charge.succeeded",
  "charge.captured",
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.refund.updated",
  "charge.refunded",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
];

/** An event that should count and cannot be understood: a person must look at it, and no neighbour may wait. */
export function defyUnderstanding(scene: Scene): StripeEvent {
  const { random } = scene;
  if (random.chance(0.2)) return thinEvent(scene, `v1.${random.pick(thinTypes)}`);
  const amount = random.pick(brokenAmounts);
  const [amountFault, objectFault, envelopeFault]: readonly [Json | undefined, Members, Members] =
    random.pick([
      [amount, {}, {}] as const,
      [undefined, { currency: random.pick(brokenCurrencies) }, {}] as const,
      [undefined, {}, { livemode: undefined }] as const,
    ]);
  const [type, object] = random.pick([
    brokenPayment,
    brokenCharge,
    brokenRefund,
    brokenRefundList,
    brokenDispute,
  ])(scene, amountFault, objectFault);
  return scene.event(type, scene.start, object, envelopeFault);
}

type Broken = readonly [type: string, object: Members];

function brokenPayment(scene: Scene, amount: Json | undefined, fault: Members): Broken {
  const sale = agreeSale(scene, scene.name("pi"));
  const facts = amount === undefined ? fault : { amount_received: amount };
  return ["payment_intent.succeeded", intentOf(scene, sale, facts)];
}

function brokenCharge(scene: Scene, amount: Json | undefined, fault: Members): Broken {
  const sale = agreeSale(scene, undefined);
  const facts = amount === undefined ? fault : { amount_captured: amount };
  return [scene.random.pick(["charge.succeeded", "charge.captured"]), chargeOf(scene, sale, facts)];
}

function brokenRefund(scene: Scene, amount: Json | undefined, fault: Members): Broken {
  const type = scene.random.pick([
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
  ]);
  return [type, lonelyRefund(scene, amount === undefined ? fault : { amount })];
}

function brokenRefundList(scene: Scene, amount: Json | undefined, fault: Members): Broken {
  const sale = agreeSale(scene, scene.name("pi"));
  const whole = { ...sale, captured: sale.authorised };
  const data = [lonelyRefund(scene, amount === undefined ? fault : { amount })];
  return [
    "charge.refunded",
    chargeOf(scene, whole, { amount_refunded: 900n, refunds: { object: "list", data } }),
  ];
}

function brokenDispute(scene: Scene, amount: Json | undefined, fault: Members): Broken {
  const type = scene.random.pick(["charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"]);
  const facts = amount === undefined ? fault : { amount };
  return [
    type,
    disputeObject(scene, { id: scene.name("dp"), amount: 500n, charge: scene.name("ch"), ...facts }),
  ];
}

function lonelyRefund(scene: Scene, facts: Members): Members {
  const refund = { id: scene.name("re"), amount: 900n, created: scene.start, status: "succeeded" };
  return refundObject(scene, { ...refund, charge: scene.name("ch"), ...facts });
}
