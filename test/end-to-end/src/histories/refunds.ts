import { later, type Members, type Scene, type StripeEvent } from "../scene.ts";
import { refundObject } from "../stripe-objects.ts";
import { chargeOf, type Sale } from "./sale.ts";

/** A refund in the state that one moment shows. */
type Refund = {
  readonly id: string;
  readonly amount: bigint;
  readonly created: number;
  readonly status: string | null;
};

/** The states a refund goes through. One that starts as failed was never seen before. */
const courses: readonly (readonly string[])[] = [
  ["succeeded"],
  ["succeeded"],
  ["pending", "succeeded"],
  ["requires_action", "succeeded"],
  ["pending", "failed"],
  ["succeeded", "failed"],
  ["pending", "canceled"],
  ["failed"],
];

/** From here on payloads of a charge no longer list its refunds. */
const firstVersionWithoutList = "2022-11-15";

/** One to three refunds of a sale, each told by several events or by few. */
export function refundSale(scene: Scene, sale: Sale): StripeEvent[] {
  const { random } = scene;
  const events: StripeEvent[] = [];
  const known: Refund[] = listsRefunds(scene) ? releasedRest(scene, sale) : [];
  if (known.length > 0) events.push(chargeRefunded(scene, sale, known, sale.capturedAt));
  let at = sale.capturedAt;
  for (const share of shares(scene, sale.captured)) {
    at = later(random, at) + 1;
    const id = scene.name(random.pick(["re", "re", "pyr"]));
    for (const [step, status] of random.pick(courses).entries()) {
      const refund = { id, amount: share, created: at, status };
      const told = step === 0 ? at : later(random, at);
      replaceOrAdd(known, refund);
      events.push(...tellRefund(scene, sale, refund, told, step === 0));
      if (random.chance(0.6)) events.push(chargeRefunded(scene, sale, known, told));
    }
  }
  return events;
}

/** The refund by itself, under any of the event types that carry one; some of them forget the PaymentIntent. */
function tellRefund(scene: Scene, sale: Sale, refund: Refund, at: number, isFirst: boolean): StripeEvent[] {
  const { random } = scene;
  const types = isFirst
    ? ["refund.created", "refund.created", "charge.refund.updated"]
    : ["refund.updated", "charge.refund.updated", ...(refund.status === "failed" ? ["refund.failed"] : [])];
  // A failure notice that still says it succeeded is a refund like any other.
  if (refund.status === "succeeded" && random.chance(0.05)) types.push("refund.failed");
  return random
    .shuffle(types)
    .slice(0, random.int(0, types.length))
    .map((type) => scene.event(type, at, refundOf(scene, sale, refund)));
}

/** The charge with its running total and, in old versions, with the list of its refunds, newest first. */
function chargeRefunded(scene: Scene, sale: Sale, known: readonly Refund[], at: number): StripeEvent {
  const total = known.reduce((sum, { amount }) => sum + amount, 0n);
  const data = known.toReversed().map((refund) => refundOf(scene, sale, refund));
  const url = `/v1/charges/${sale.charge}/refunds`;
  const list = { object: "list", data, has_more: false, total_count: data.length, url };
  const refunds = listsRefunds(scene) ? list : undefined;
  const refunded = total === sale.authorised;
  return scene.event(
    "charge.refunded",
    at,
    chargeOf(scene, sale, { amount_refunded: total, refunded, refunds }),
  );
}

function refundOf(scene: Scene, sale: Sale, refund: Refund): Members {
  const named = sale.intent === undefined || scene.random.chance(0.7);
  return refundObject(scene, {
    ...refund,
    charge: sale.charge,
    payment_intent: named ? (sale.intent ?? null) : scene.random.pick([() => null, () => undefined])(),
    reason: scene.random.pick([null, "requested_by_customer", "duplicate"]),
  });
}

/** In versions that list refunds, the rest of a partial capture is in the list too, made by the capture itself. */
function releasedRest(scene: Scene, sale: Sale): Refund[] {
  const rest = sale.authorised - sale.captured;
  if (rest === 0n) return [];
  return [{ id: scene.name("re"), amount: rest, created: sale.capturedAt, status: "succeeded" }];
}

function listsRefunds(scene: Scene): boolean {
  return scene.apiVersion < firstVersionWithoutList;
}

function shares(scene: Scene, whole: bigint): bigint[] {
  const parts = BigInt(scene.random.int(1, 3));
  if (whole < parts) return [whole];
  const share = whole / parts;
  return Array.from({ length: Number(parts) }, (_, index) =>
    index === 0 ? whole - share * (parts - 1n) : share,
  );
}

function replaceOrAdd(known: Refund[], refund: Refund): void {
  const index = known.findIndex(({ id }) => id === refund.id);
  if (index === -1) known.push(refund);
  else known[index] = refund;
}
