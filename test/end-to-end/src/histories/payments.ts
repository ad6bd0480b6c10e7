import { elsewhere, later, type Members, type Scene, type StripeEvent } from "../scene.ts";
import { agreeSale, chargeOf, intentOf, type Sale, toldOnceOrTwice } from "./sale.ts";

/** A sale and the events that tell of it. */
export type Told = { readonly sale: Sale; readonly events: StripeEvent[] };

/** A payment through a PaymentIntent. Its charge succeeds beside it and is the same money. */
export function payByIntent(scene: Scene): Told {
  const { random } = scene;
  const sale = agreeSale(scene, scene.name("pi"));
  const waiting = { amount_received: 0n, status: "requires_payment_method", latest_charge: null };
  const events = [
    scene.event("payment_intent.created", scene.start, intentOf(scene, sale, waiting)),
    ...succeeded(scene, sale),
    scene.event("charge.succeeded", sale.capturedAt, chargeOf(scene, sale)),
  ];
  if (sale.captured < sale.authorised) {
    const held = { captured: false, amount_captured: 0n };
    const capturable = {
      amount_received: 0n,
      amount_capturable: sale.authorised,
      status: "requires_capture",
    };
    events.push(
      scene.event("charge.succeeded", scene.start, chargeOf(scene, sale, held)),
      scene.event("payment_intent.amount_capturable_updated", scene.start, intentOf(scene, sale, capturable)),
      scene.event("charge.captured", sale.capturedAt, chargeOf(scene, sale)),
    );
  }
  if (random.chance(0.3)) {
    const settled = { balance_transaction: `txn_${random.letters(24)}` };
    events.push(
      scene.event("charge.updated", later(random, sale.capturedAt), chargeOf(scene, sale, settled)),
    );
  }
  return { sale, events };
}

/** A charge made without a PaymentIntent: taken at once, or authorised first and captured later. */
export function payByCharge(scene: Scene): Told {
  const sale = agreeSale(scene, undefined);
  const tell = (type: string) => (at: number, amount: bigint) =>
    scene.event(type, at, withoutIntent(scene, chargeOf(scene, sale, { amount_captured: amount })));
  if (sale.captured === sale.authorised) {
    const events = toldOnceOrTwice(scene, sale.capturedAt, sale.captured, tell("charge.succeeded"));
    // A capture that is told besides is still the same money.
    if (scene.random.chance(0.2))
      events.push(tell("charge.captured")(later(scene.random, scene.start), sale.captured));
    return { sale, events };
  }
  const held = chargeOf(scene, sale, { captured: false, amount_captured: 0n });
  return {
    sale,
    events: [
      scene.event("charge.succeeded", scene.start, withoutIntent(scene, held)),
      ...toldOnceOrTwice(scene, sale.capturedAt, sale.captured, tell("charge.captured")),
    ],
  };
}

/** The same PaymentIntent id in the other mode and in another account is other money. */
export function payInSeveralPlaces(scene: Scene, otherAccount: string): StripeEvent[] {
  const { sale, events } = payByIntent(scene);
  const otherMode = elsewhere(scene, { livemode: !scene.livemode });
  const other = elsewhere(scene, { account: otherAccount });
  return [...events, ...succeeded(otherMode, sale), ...succeeded(other, sale)];
}

/** A connected account's mirror of a transfer from the platform: no money from outside. */
export function receiveTransfer(scene: Scene, sale: Sale = agreeSale(scene, undefined, "py")): StripeEvent[] {
  const mirror = chargeOf(scene, sale, { source_transfer: scene.name("tr") });
  return [
    scene.event("charge.succeeded", sale.capturedAt, mirror),
    scene.event("charge.captured", sale.capturedAt, mirror),
  ];
}

/** Attempts that took no money: declined, cancelled, authorised and let go, or for nothing. */
export function payNothing(scene: Scene): StripeEvent[] {
  const { random } = scene;
  const sale = agreeSale(scene, scene.name("pi"));
  const alone = { ...sale, intent: undefined };
  const none = { amount_received: 0n };
  const held = { captured: false, amount_captured: 0n };
  const declined = { captured: false, amount_captured: 0n, paid: false, status: "failed" };
  const free = { amount: 0n, amount_captured: 0n };
  const tell = (type: string, object: Members): StripeEvent => scene.event(type, scene.start, object);
  return random.pick([
    () => [
      tell(
        "payment_intent.payment_failed",
        intentOf(scene, sale, { ...none, status: "requires_payment_method" }),
      ),
    ],
    () => [tell("payment_intent.canceled", intentOf(scene, sale, { ...none, status: "canceled" }))],
    () => [tell("payment_intent.succeeded", intentOf(scene, sale, { ...none, amount: 0n }))],
    () => [tell("charge.failed", chargeOf(scene, alone, declined))],
    () => [tell("charge.succeeded", chargeOf(scene, alone, free))],
    () => [
      tell("charge.succeeded", chargeOf(scene, alone, held)),
      scene.event("charge.expired", later(random, scene.start), chargeOf(scene, alone, held)),
    ],
  ])();
}

function succeeded(scene: Scene, sale: Sale): StripeEvent[] {
  return toldOnceOrTwice(scene, sale.capturedAt, sale.captured, (at, amount) =>
    scene.event("payment_intent.succeeded", at, intentOf(scene, sale, { amount_received: amount })),
  );
}

/** Old payloads say `null`, some lack the member altogether. */
function withoutIntent<T extends { readonly [key: string]: unknown }>(scene: Scene, charge: T): T {
  return scene.random.chance(0.3) ? { ...charge, payment_intent: undefined } : charge;
}
