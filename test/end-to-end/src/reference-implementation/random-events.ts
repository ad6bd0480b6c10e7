import type { Random } from "@takings/simulator";
import type { Body } from "./events.ts";
import { makeEventObjects, type EventObjects } from "./random-objects.ts";
import { makePlan, missing, type Plan, randomMoment } from "./random-plan.ts";

/** The platform whose events the random ones are; other accounts are connected to it. */
export const randomPlatform = "acct_platform";

/**
 * Valid events of a few payments, otherwise random: what they show need not be a history that could have happened, so
 * that rules meet in all combinations. Ids, amounts and times come from small sets. Payments of different accounts and
 * modes have the same ids.
 */
export function randomEvents(random: Random): Body[] {
  return randomPayments(random).flat();
}

/** The same, by payment. */
export function randomPayments(random: Random): Body[][] {
  const used = new Set<string>();
  const eventId = (): string => {
    const id = `evt_${random.chance(0.12) ? "reconcile_" : ""}${random.letters(random.int(1, 3))}`;
    if (used.has(id)) return eventId();
    used.add(id);
    return id;
  };
  const payments = new Map<string, number>();
  const countIn = (books: string): number => {
    const count = (payments.get(books) ?? 0) + 1;
    payments.set(books, count);
    return count;
  };
  return Array.from({ length: random.int(1, 4) }, () => {
    const plan = makePlan(random, eventId, countIn);
    return Array.from({ length: random.int(1, 12) }, () => makeEvent(plan));
  });
}

const disputeTypes = [
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
  "charge.dispute.closed",
];
const types = [
  "payment_intent.succeeded",
  "payment_intent.succeeded",
  "payment_intent.canceled",
  "payment_intent.amount_capturable_updated",
  "charge.succeeded",
  "charge.succeeded",
  "charge.captured",
  "charge.updated",
  "charge.failed",
  "charge.refunded",
  "charge.refunded",
  "charge.refunded",
  "refund.created",
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.refund.updated",
  ...disputeTypes,
];

function makeEvent(plan: Plan): Body {
  const { random } = plan;
  const version = random.pick(plan.versions);
  const type = random.pick(plan.isDisputed && random.chance(0.8) ? disputeTypes : types);
  const objects = makeEventObjects(plan, type, version);
  const object = objectOf(plan, type, objects);
  if (object === undefined) return makeEvent(plan);
  return {
    id: plan.eventId(),
    object: "event",
    ...(version !== missing && { api_version: version }),
    created: randomMoment(random),
    data: { object },
    livemode: plan.livemode,
    ...ownerOf(plan),
    type,
  };
}

function objectOf(plan: Plan, type: string, objects: EventObjects): Body | undefined {
  const { random } = plan;
  if (type.startsWith("payment_intent."))
    return plan.intent === undefined ? undefined : objects.intent(plan.intent, 2);
  if (type.startsWith("charge.dispute.")) {
    return plan.disputes.length === 0 ? undefined : objects.dispute(random.pick(plan.disputes), 2);
  }
  if (type.startsWith("refund.") || type.startsWith("charge.refund.")) {
    return plan.refunds.length === 0 ? undefined : objects.refund(random.pick(plan.refunds), 2);
  }
  return objects.charge(random.pick(plan.charges), 2);
}

function ownerOf({ random, account }: Plan): Body {
  if (account === missing) {
    return random.pick<Body>([
      {},
      {},
      { account: randomPlatform },
      { context: randomPlatform },
      { account: null },
    ]);
  }
  return random.pick<Body>([
    { account },
    { account },
    { context: account },
    { context: `org_1/${account}` },
    { account, context: "acct_other" },
  ]);
}
