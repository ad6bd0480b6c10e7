import type { Members, Scene, StripeEvent } from "../scene.ts";
import { agreeSale, chargeOf, intentOf } from "./sale.ts";

/** Events that are kept and count nothing: other objects, other types, and broken amounts where none is asked for. */
export function countNothing(scene: Scene): StripeEvent[] {
  return scene.random.pick([aroundThePayment, ofUnknownKind, withBrokenAmounts, thinOfOtherTypes])(scene);
}

function aroundThePayment(scene: Scene): StripeEvent[] {
  const { random, start } = scene;
  const customer = scene.name("cus");
  const invoice: Members = {
    id: scene.name("in"),
    object: "invoice",
    amount_due: 4_200n,
    amount_paid: 4_200n,
    currency: scene.currency,
    customer,
    lines: { object: "list", data: [{ id: scene.name("il"), amount: 4_200n }], has_more: false },
    status: "paid",
  };
  const payout: Members = {
    id: scene.name("po"),
    object: "payout",
    amount: 99_000n,
    currency: scene.currency,
  };
  return random
    .shuffle([
      scene.event("customer.created", start, {
        id: customer,
        object: "customer",
        email: "jenny@example.com",
      }),
      scene.event("customer.deleted", start + 9, { id: customer, object: "customer", deleted: true }),
      scene.event("invoice.finalized", start + 1, { ...invoice, status: "open", amount_paid: 0n }),
      scene.event("invoice.paid", start + 2, invoice),
      scene.event("payout.paid", start + 3, payout),
    ])
    .slice(0, random.int(1, 5));
}

/** Types that no one knows yet, and objects without what one would expect of an object. */
function ofUnknownKind(scene: Scene): StripeEvent[] {
  const { random, start } = scene;
  const unknown = random.pick([
    "treasury.flow.imagined",
    "refund.reconsidered",
    "payment_intent.succeeded_twice",
    "ping",
  ]);
  return [
    scene.event(unknown, start, {
      id: scene.name("obj"),
      object: "imagined",
      amount: 1_000n,
      currency: "usd",
    }),
    scene.event("entitlements.active_entitlement_summary.updated", start, {
      object: "summary",
      entitlements: [],
    }),
    scene.event("balance.available", start, {}, { data: {} }),
    scene.event("account.updated", start, { id: scene.name("acct") }, { livemode: undefined }),
  ];
}

/** An amount that makes no sense is no fault of an event that counts nothing. */
function withBrokenAmounts(scene: Scene): StripeEvent[] {
  const { start } = scene;
  const sale = agreeSale(scene, scene.name("pi"));
  const alone = { ...sale, intent: undefined };
  return [
    scene.event("payment_intent.created", start, intentOf(scene, sale, { amount_received: -5n })),
    scene.event("charge.succeeded", start, chargeOf(scene, sale, { amount_captured: "1000", currency: 7n })),
    scene.event("charge.succeeded", start, chargeOf(scene, alone, { captured: false, amount_captured: 0.5 })),
    scene.event("charge.updated", start, chargeOf(scene, alone, { amount_captured: -1n })),
  ];
}

function thinOfOtherTypes(scene: Scene): StripeEvent[] {
  return ["v1.customer.created", "v2.core.event_destination.ping"].map((type) => thinEvent(scene, type));
}

/** A thin event: it names an object and carries none. Its time is a text. */
export function thinEvent(scene: Scene, type: string): StripeEvent {
  const object = scene.name("obj");
  const related = { id: object, type: "imagined", url: `/v1/objects/${object}` };
  const thin = { object: "v2.core.event", related_object: related, data: undefined, account: undefined };
  const created = new Date(scene.start * 1000).toISOString();
  return scene.event(type, scene.start, {}, { ...thin, api_version: undefined, created });
}
