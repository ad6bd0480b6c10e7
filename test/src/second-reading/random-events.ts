import type { Random } from "../random.ts";
import type { Body } from "./events.ts";

/** The platform whose events the random ones are; other accounts are connected to it. */
export const randomPlatform = "acct_platform";

const beginning = 1_790_000_000;
// Stands for what is not there: what counts as the newest version, no details of a destination, no account.
const missing = "missing";
const versions = [
  "2019-12-03",
  "2020-08-26",
  "2020-08-27",
  "2022-08-01",
  "2022-11-14",
  "2022-11-15",
  "2023-10-16",
  "2024-10-27",
  "2024-10-28.acacia",
  "2026-07-29.dahlia",
  missing,
] as const;
// Around the 60 s within which a capture's release is made, and often equal.
const moments = [0, 0, 1, 2, 30, 59, 60, 61, 62, 90, 119, 120, 121, 122, 200];
const amounts = [1, 30, 39, 40, 40, 41, 60, 60, 70, 100];

/** What stays the same about a payment in all events that speak of it. */
type Plan = {
  readonly random: Random;
  readonly account: string;
  readonly livemode: boolean;
  readonly versions: readonly string[];
  readonly currency: string;
  readonly intent: string | undefined;
  readonly charges: readonly string[];
  readonly transfer: string | undefined;
  readonly isMulticapture: boolean;
  readonly refunds: readonly Refund[];
  readonly disputes: readonly Dispute[];
  readonly eventId: () => string;
};

type Refund = {
  readonly id: string;
  readonly charge: string;
  readonly amount: number;
  readonly created: number;
  readonly reason: string | null;
  readonly mirrors: boolean;
  readonly cash: boolean;
  readonly destination: string;
};

type Dispute = {
  readonly id: string;
  readonly charge: string;
  readonly amount: number;
  readonly transactions: readonly Body[];
};

/**
 * Events of a few payments, each that can be understood, with nearly everything about them left to chance: what they
 * show need not be a history that could have happened, so that the rules meet in every way. Ids, amounts and times come
 * from small sets. Payments of different accounts and modes have the same ids.
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
  return Array.from({ length: random.int(1, 4) }, (_, index) => {
    const plan = makePlan(random, eventId, index + 1);
    return Array.from({ length: random.int(1, 12) }, () => makeEvent(plan));
  });
}

function makePlan(random: Random, eventId: () => string, index: number): Plan {
  const hasIntent = random.chance(0.65);
  const account = random.pick([missing, missing, "acct_a", "acct_b"]);
  const livemode = random.chance(0.8);
  // Two payments of one account never share an id, of different accounts they do.
  const name = account === missing ? `p${index}` : `p${random.int(1, 2)}`;
  const unique = account === missing ? name : `${name}_${index}`;
  const charges = hasIntent && random.chance(0.25) ? [`ch_${unique}`, `ch_${unique}b`] : [`ch_${unique}`];
  return {
    random,
    account,
    livemode,
    versions: [random.pick(versions), random.pick(versions)],
    currency: random.pick(["usd", "eur", "jpy"]),
    intent: hasIntent ? `pi_${unique}` : undefined,
    charges,
    transfer: !hasIntent && random.chance(0.2) ? "tr_1" : undefined,
    isMulticapture: random.chance(0.15),
    refunds: Array.from({ length: random.int(0, 4) }, (_, at) =>
      makeRefund(random, `re_${unique}${at}`, charges),
    ),
    disputes: Array.from({ length: random.chance(0.3) ? random.int(1, 2) : 0 }, (_, at) =>
      makeDispute(random, `du_${unique}${at}`, charges),
    ),
    eventId,
  };
}

function makeRefund(random: Random, id: string, charges: readonly string[]): Refund {
  return {
    id,
    charge: random.pick(charges),
    amount: random.chance(0.02) ? 0 : random.pick(amounts),
    created: beginning + random.pick(moments),
    reason: random.pick([null, null, null, null, "requested_by_customer", "expired_uncaptured_charge"]),
    mirrors: random.chance(0.06),
    cash: random.chance(0.08),
    destination: random.pick([missing, "card", "us_bank_transfer"]),
  };
}

function makeDispute(random: Random, id: string, charges: readonly string[]): Dispute {
  const currency = random.pick(["usd", "eur", "jpy"]);
  const isMixed = random.chance(0.2);
  return {
    id,
    charge: random.pick(charges),
    amount: random.pick([1, 99, 100, 101]),
    transactions: Array.from({ length: random.int(0, 5) }, (_, at) => ({
      id: `txn_${id}_${at}`,
      object: "balance_transaction",
      amount: random.pick([-108, -100, -54, -27, 27, 36, 54, 100, 108, 0]),
      currency: isMixed && random.chance(0.5) ? random.pick(["usd", "eur", "jpy"]) : currency,
      ...random.pick([
        {},
        { reporting_category: "dispute" },
        { reporting_category: "dispute_reversal" },
        { reporting_category: "fee" },
      ]),
    })),
  };
}

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
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
  "charge.dispute.closed",
] as const;

function makeEvent(plan: Plan): Body {
  const { random } = plan;
  const version = random.pick(plan.versions);
  const type = random.pick(types);
  const page = makePage(plan, type, version);
  const object = objectOf(plan, type, page);
  if (object === undefined) return makeEvent(plan);
  return {
    id: plan.eventId(),
    object: "event",
    ...(version !== missing && { api_version: version }),
    created: beginning + random.pick(moments),
    data: { object },
    livemode: plan.livemode,
    ...ownerOf(plan),
    type,
  };
}

function objectOf(plan: Plan, type: string, page: Page): Body | undefined {
  const { random } = plan;
  if (type.startsWith("payment_intent."))
    return plan.intent === undefined ? undefined : page.intent(plan.intent, 2);
  if (type.startsWith("charge.dispute.")) {
    return plan.disputes.length === 0 ? undefined : page.dispute(random.pick(plan.disputes), 2);
  }
  if (type.startsWith("refund.") || type.startsWith("charge.refund.")) {
    return plan.refunds.length === 0 ? undefined : page.refund(random.pick(plan.refunds), 2);
  }
  return page.charge(random.pick(plan.charges), 2);
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

/** What one event shows of each object, the same wherever it shows it. `depth` is how much it expands. */
type Page = {
  intent(id: string, depth: number): Body;
  charge(id: string, depth: number): Body;
  refund(refund: Refund, depth: number): Body;
  dispute(dispute: Dispute, depth: number): Body;
};

function makePage(plan: Plan, type: string, version: string): Page {
  const { random } = plan;
  const facts = new Map<string, Body>();
  const once = (id: string, make: () => Body): Body => {
    const known = facts.get(id) ?? make();
    facts.set(id, known);
    return known;
  };
  const isOld = version < "2022-11-15";
  const page: Page = {
    intent: (id, depth) => ({
      ...once(id, () => intentFacts(plan, type, id)),
      ...(depth > 0 && random.chance(0.4) && latest(plan, page, depth)),
      ...(depth > 0 &&
        isOld &&
        random.chance(0.5) && {
          charges: { object: "list", data: plan.charges.map((charge) => page.charge(charge, depth - 1)) },
        }),
    }),
    charge: (id, depth) => ({
      ...once(id, () => chargeFacts(plan, type, version, id)),
      ...(plan.intent !== undefined &&
        random.chance(0.95) && {
          payment_intent:
            depth > 0 && random.chance(0.15) ? page.intent(plan.intent, depth - 1) : plan.intent,
        }),
      ...(depth > 0 &&
        random.chance(isOld ? 0.9 : 0.05) && {
          refunds: {
            object: "list",
            data: plan.refunds
              .filter(({ charge, cash }) => charge === id && !cash && random.chance(0.6))
              .map((refund) => page.refund(refund, 0)),
          },
        }),
    }),
    refund: (refund, depth) => ({
      ...once(refund.id, () => refundFacts(plan, refund)),
      ...(refund.cash ? { charge: null, payment_intent: null } : refundLinks(plan, page, refund, depth)),
    }),
    dispute: (dispute, depth) => ({
      ...once(dispute.id, () => disputeFacts(plan, dispute)),
      ...(random.chance(0.7) && {
        charge: depth > 0 && random.chance(0.2) ? page.charge(dispute.charge, depth - 1) : dispute.charge,
      }),
      ...(random.chance(0.7) && { payment_intent: plan.intent ?? null }),
    }),
  };
  return page;
}

function latest({ random, charges }: Plan, page: Page, depth: number): Body {
  const charge = random.pick(charges);
  return { latest_charge: random.chance(0.4) ? page.charge(charge, depth - 1) : charge };
}

function refundLinks({ random, intent }: Plan, page: Page, { charge }: Refund, depth: number): Body {
  const expanded = depth > 0 && random.chance(0.2);
  return {
    ...(random.chance(0.85) && { charge: expanded ? page.charge(charge, depth - 1) : charge }),
    ...(intent !== undefined && random.chance(0.7) && { payment_intent: intent }),
  };
}

function intentFacts({ random, currency, isMulticapture }: Plan, type: string, id: string): Body {
  const received = random.pick([0, 40, 60, 60, 99, 100, 100]);
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
  return { id, object: "payment_intent", amount: 100, amount_received: amount, currency, status };
}

function chargeFacts(plan: Plan, type: string, version: string, id: string): Body {
  const { random, currency, transfer, isMulticapture } = plan;
  const captured = random.chance(0.85);
  const isCounted = type === "charge.succeeded" || type === "charge.captured";
  const isBefore = version < "2020-08-27";
  return {
    id,
    object: "charge",
    amount: random.chance(0.95) ? 100 : 101,
    ...(!isBefore && { amount_captured: captured ? random.pick([0, 40, 60, 60, 99, 100, 100]) : 0 }),
    // A body of before amount_captured that was refunded cannot be understood.
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

function refundFacts({ random, currency }: Plan, refund: Refund): Body {
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

function disputeFacts({ random, currency }: Plan, { id, amount, transactions }: Dispute): Body {
  const listed = transactions.slice(0, random.int(0, transactions.length));
  // An id that comes twice counts once.
  const repeated = random.chance(0.1) ? listed.slice(0, 1) : [];
  return {
    id,
    object: "dispute",
    amount,
    currency,
    ...(random.chance(0.95) && { balance_transactions: [...listed, ...repeated] }),
  };
}
