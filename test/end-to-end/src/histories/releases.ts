import { later, type Members, type Scene, type StripeEvent } from "../scene.ts";
import { refundObject } from "../stripe-objects.ts";
import { agreeSale, chargeOf, type Sale } from "./sale.ts";

/** An authorisation that is let go. Stripe calls it a refund, in several forms, but nothing had been taken. */
export function releaseAuthorisation(scene: Scene): StripeEvent[] {
  const sale = agreeSale(scene, scene.random.chance(0.5) ? scene.name("pi") : undefined);
  return scene.random.pick([expired, voided, voidedWithChargeShown, nothingCaptured])(scene, sale);
}

/** The seven days are over: the reason says so wherever the refund is seen. */
function expired(scene: Scene, sale: Sale): StripeEvent[] {
  const release = releaseOf(scene, sale, { reason: "expired_uncaptured_charge" });
  const at = later(scene.random, scene.start);
  return [
    scene.event("refund.created", at, release),
    scene.event("charge.refund.updated", at, release),
    scene.event("refund.updated", later(scene.random, at), release),
    scene.event("charge.refunded", at, held(scene, sale, release)),
  ];
}

/** Cancelled by the shop: the charge that lists the refund was never captured. */
function voided(scene: Scene, sale: Sale): StripeEvent[] {
  const charge = held(scene, sale, releaseOf(scene, sale, {}));
  return [scene.event("charge.refunded", later(scene.random, scene.start), charge)];
}

/** The refund carries its whole charge, which was never captured. */
function voidedWithChargeShown(scene: Scene, sale: Sale): StripeEvent[] {
  const charge = chargeOf(scene, sale, { captured: false, amount_captured: 0n });
  return [
    scene.event("refund.created", later(scene.random, scene.start), releaseOf(scene, sale, { charge })),
  ];
}

/** The charge calls itself captured, but for an amount of nothing. */
function nothingCaptured(scene: Scene, sale: Sale): StripeEvent[] {
  const charge = { ...held(scene, sale, releaseOf(scene, sale, {})), captured: true, amount_captured: 0n };
  return [scene.event("charge.refunded", later(scene.random, scene.start), charge)];
}

function releaseOf(scene: Scene, sale: Sale, facts: Members): Members {
  return refundObject(scene, {
    id: scene.name("re"),
    amount: sale.authorised,
    charge: sale.charge,
    created: scene.start,
    payment_intent: sale.intent ?? null,
    status: "succeeded",
    ...facts,
  });
}

function held(scene: Scene, sale: Sale, release: Members): Members {
  return chargeOf(scene, sale, {
    captured: false,
    // The oldest versions do not have this member.
    amount_captured: scene.random.pick([() => 0n, () => undefined])(),
    amount_refunded: sale.authorised,
    refunded: true,
    refunds: { object: "list", data: [release], has_more: false, total_count: 1 },
  });
}
