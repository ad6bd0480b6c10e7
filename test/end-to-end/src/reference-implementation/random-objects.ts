import type { Body } from "./events.ts";
import { amounts, missing, type Plan, type PlannedDispute, type PlannedRefund } from "./random-plan.ts";

/** What one event shows of each object, the same wherever it shows it. `depth` is how much it expands. */
export type EventObjects = {
  intent(id: string, depth: number): Body;
  charge(id: string, depth: number): Body;
  refund(refund: PlannedRefund, depth: number): Body;
  dispute(dispute: PlannedDispute, depth: number): Body;
};

export function makeEventObjects(plan: Plan, type: string, version: string): EventObjects {
  const { random } = plan;
  const facts = new Map<string, Body>();
  const once = (id: string, make: () => Body): Body => {
    const known = facts.get(id) ?? make();
    facts.set(id, known);
    return known;
  };
  const about = { type, version, whole: random.chance(0.95) ? 100 : 101 };
  const isOld = version < "2022-11-15";
  const objects: EventObjects = {
    intent: (id, depth) => ({
      ...once(id, () => intentFacts(plan, about, id)),
      ...(depth > 0 && random.chance(0.4) && latest(plan, objects, depth)),
      ...(depth > 0 &&
        isOld &&
        random.chance(0.5) && {
          charges: { object: "list", data: plan.charges.map((charge) => objects.charge(charge, depth - 1)) },
        }),
    }),
    charge: (id, depth) => ({
      ...once(id, () => chargeFacts(plan, about, id)),
      ...(plan.intent !== undefined &&
        random.chance(0.95) && {
          payment_intent:
            depth > 0 && random.chance(0.15) ? objects.intent(plan.intent, depth - 1) : plan.intent,
        }),
      ...(depth > 0 &&
        random.chance(isOld ? 0.9 : 0.05) && {
          refunds: {
            object: "list",
            data: plan.refunds
              .filter(({ charge, cash }) => charge === id && !cash && random.chance(0.6))
              .map((refund) => objects.refund(refund, 0)),
          },
        }),
    }),
    refund: (refund, depth) => ({
      ...once(refund.id, () => refundFacts(plan, refund)),
      ...(refund.cash ? { charge: null, payment_intent: null } : refundLinks(plan, objects, refund, depth)),
    }),
    dispute: (dispute, depth) => ({
      ...once(dispute.id, () => disputeFacts(plan, dispute)),
      ...(random.chance(0.7) && {
        charge: depth > 0 && random.chance(0.2) ? objects.charge(dispute.charge, depth - 1) : dispute.charge,
      }),
      ...(random.chance(0.7) && { payment_intent: plan.intent ?? null }),
    }),
  };
  return objects;
}

function latest({ random, charges }: Plan, objects: EventObjects, depth: number): Body {
  const charge = random.pick(charges);
  return { latest_charge: random.chance(0.4) ? objects.charge(charge, depth - 1) : charge };
}

function refundLinks(
  { random, intent }: Plan,
  objects: EventObjects,
  { charge }: PlannedRefund,
  depth: number,
): Body {
  const expanded = depth > 0 && random.chance(0.2);
  return {
    ...(random.chance(0.85) && { charge: expanded ? objects.charge(charge, depth - 1) : charge }),
    ...(intent !== undefined && random.chance(0.7) && { payment_intent: intent }),
  };
}

/** What all of one event's objects share; `whole` is what was authorised. */
type About = { readonly type: string; readonly version: string; readonly whole: number };

function intentFacts(
  { random, currency, isMulticapture, captured }: Plan,
  { type, whole }: About,
  id: string,
): Body {
  const received = random.pick(captured);
  const held = isMulticapture ? received : 0;
  const [status, amount] =
    type === "payment_intent.succeeded"
      ? ["succeeded", received]
      : random.pick([
          ["succeeded", received],
          ["requires_capture", held],
          ["requires_capture", 0],
          ["canceled", random.chance(0.7) ? 0 : received],
          ["processing", 0],
        ]);
  return { id, object: "payment_intent", amount: whole, amount_received: amount, currency, status };
}

function chargeFacts(plan: Plan, { type, version, whole }: About, id: string): Body {
  const { random, currency, transfer, isMulticapture } = plan;
  const captured = random.chance(0.85);
  const amount = captured || random.chance(0.1) ? random.pick(plan.captured) : 0;
  const isCounted = type === "charge.succeeded" || type === "charge.captured";
  const isBefore = version < "2020-08-27";
  return {
    id,
    object: "charge",
    amount: whole,
    ...(!isBefore && { amount_captured: amount }),
    // A refunded charge without amount_captured is invalid.
    amount_refunded: isBefore && isCounted ? 0 : random.pick([0, 0, ...amounts, 80, 90]),
    captured,
    currency,
    status: random.pick(["succeeded", "succeeded", "succeeded", "pending", "failed"]),
    ...(random.chance(0.7) && { source_transfer: transfer ?? null }),
    ...(random.chance(0.3) && {
      payment_method_details: {
        card: { multicapture: { status: isMulticapture ? "available" : "unavailable" } },
      },
    }),
  };
}

function refundFacts({ random, currency }: Plan, refund: PlannedRefund): Body {
  const { id, amount, created, reason, mirrors, destination } = refund;
  return {
    id,
    object: "refund",
    amount,
    created,
    currency,
    ...(random.chance(0.8) && { reason }),
    status: random.pick([
      "succeeded",
      "succeeded",
      "succeeded",
      "pending",
      "requires_action",
      "failed",
      "canceled",
    ]),
    ...(random.chance(0.7) && { source_transfer_reversal: mirrors ? "trr_1" : null }),
    ...(destination !== missing && { destination_details: { type: destination } }),
  };
}

function disputeFacts({ random, currency }: Plan, { id, amount, transactions }: PlannedDispute): Body {
  const listed = transactions.slice(0, random.int(0, transactions.length));
  // An id that occurs twice counts once.
  const repeated = random.chance(0.1) ? listed.slice(0, 1) : [];
  return {
    id,
    object: "dispute",
    amount,
    currency,
    ...(random.chance(0.95) && { balance_transactions: [...listed, ...repeated] }),
  };
}
