import { listed, type StripeObject } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { useTestSuite } from "./test-context.ts";

const { hour, now } = listed;

/** A payment with something that looks like a refund: as Stripe lists it, and as Stripe delivered it. */
type Scenario = {
  readonly intents?: readonly StripeObject[];
  readonly charges?: readonly StripeObject[];
  readonly refunds: readonly StripeObject[];
  /** The types and objects of its events. */
  readonly delivered: readonly (readonly [type: string, object: object])[];
  /** The ledger entries that it must have. */
  readonly ledger: readonly string[];
};

const paidAt = now - 5 * hour;
const common = { currency: "usd", created: paidAt, livemode: false };
const settled = { id: "txn_1", object: "balance_transaction", created: paidAt };

function intentOf(own: string, facts: object): StripeObject {
  return { ...common, id: `pi_${own}`, object: "payment_intent", amount: 1_000, ...facts };
}

function chargeOf(own: string, facts: object): StripeObject {
  const whole = { amount: 1_000, amount_captured: 1_000, amount_refunded: 0, captured: true };
  const ids = { id: `ch_${own}`, object: "charge", payment_intent: `pi_${own}` };
  return { ...common, ...ids, status: "succeeded", ...whole, balance_transaction: settled, ...facts };
}

function refundOf(own: string, facts: object): StripeObject {
  const owners = { charge: `ch_${own}`, payment_intent: `pi_${own}` };
  const refund = { ...common, id: `re_${own}`, object: "refund", status: "succeeded", reason: null };
  return { ...refund, ...owners, amount: 1_000, created: paidAt + 20, ...facts };
}

/** An object as events show it: with ids where a list has expanded objects. */
function folded(object: StripeObject): object {
  const names = ["charge", "payment_intent", "latest_charge", "balance_transaction"];
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      names.includes(name) ? ((value as { id?: unknown } | null)?.id ?? value) : value,
    ]),
  );
}

function partialCapture(own: string, refunds: readonly StripeObject[], ledger: readonly string[]): Scenario {
  const charge = chargeOf(own, { amount_captured: 600, amount_refunded: 400 * refunds.length });
  const intent = intentOf(own, { status: "succeeded", amount_received: 600, latest_charge: charge });
  return {
    intents: [intent],
    charges: [{ ...charge, payment_intent: intent }],
    refunds: refunds.map((refund) => ({ ...refund, charge, payment_intent: intent })),
    delivered: [
      ["payment_intent.succeeded", folded(intent)],
      ...refunds.map((refund) => ["refund.created", refund] as const),
    ],
    ledger,
  };
}

function canceled(own: string): Scenario {
  const intent = intentOf(own, { status: "canceled", canceled_at: paidAt + 20, amount_received: 0 });
  const refund = refundOf(own, { payment_intent: intent });
  const delivered = [
    ["refund.created", folded(refund)],
    ["payment_intent.canceled", intent],
  ] as const;
  return { intents: [intent], refunds: [refund], delivered, ledger: [] };
}

const scenarios: Readonly<Record<string, (own: string) => Scenario>> = {
  "mirrors a transfer reversal": (own) => {
    const charge = chargeOf(own, { source_transfer: "tr_1", payment_intent: null, amount_refunded: 1_000 });
    const refund = refundOf(own, { charge, payment_intent: null, source_transfer_reversal: "trr_1" });
    const delivered = [
      ["charge.succeeded", { ...charge, amount_refunded: 0 }],
      ["refund.created", folded(refund)],
    ] as const;
    return { charges: [charge], refunds: [refund], delivered, ledger: [] };
  },
  "pays out a cash balance": (own) => {
    const intent = intentOf(own, { status: "succeeded", amount_received: 1_000 });
    const to = { type: "us_bank_transfer", us_bank_transfer: {} };
    const refund = refundOf(own, { charge: null, payment_intent: null, destination_details: to });
    const delivered = [
      ["payment_intent.succeeded", intent],
      ["refund.created", refund],
    ] as const;
    return { intents: [intent], refunds: [refund], delivered, ledger: ["payment 1000"] };
  },
  "is an expired authorisation": (own) => {
    const charge = chargeOf(own, { captured: false, amount_captured: 0, amount_refunded: 1_000 });
    const intent = intentOf(own, { status: "canceled", amount_received: 0, latest_charge: charge });
    const refund = refundOf(own, { charge, payment_intent: intent, reason: "expired_uncaptured_charge" });
    const delivered = [
      ["charge.expired", folded(charge)],
      ["refund.created", folded(refund)],
    ] as const;
    return { intents: [intent], charges: [charge], refunds: [refund], delivered, ledger: [] };
  },
  "belongs to a canceled PaymentIntent": canceled,
  "is the rest of a partial capture": (own) => {
    const released = refundOf(own, { amount: 400, created: paidAt + 20 });
    return partialCapture(own, [released], ["payment 600"]);
  },
  "is followed at once by a real refund of the same amount": (own) => {
    const released = refundOf(own, { amount: 400, created: paidAt + 20 });
    const real = refundOf(own, { id: `re_${own}b`, amount: 400, created: paidAt + 30 });
    return partialCapture(own, [released, real], ["payment 600", "refund -400"]);
  },
  "is followed later by a real refund of the same amount": (own) => {
    const released = refundOf(own, { amount: 400, created: paidAt + 20 });
    const real = refundOf(own, { id: `re_${own}b`, amount: 400, created: paidAt + 2 * hour });
    return partialCapture(own, [released, real], ["payment 600", "refund -400"]);
  },
  "is missing, while a real refund of the rest of a partial capture came later": (own) => {
    const real = refundOf(own, { amount: 400, created: paidAt + 2 * hour });
    return partialCapture(own, [real], ["payment 600", "refund -400"]);
  },
};

describe("reconciling a payment with a refund that", () => {
  const suite = useTestSuite();

  function set(scenarioOf: (own: string) => Scenario): Scenario {
    const scenario = scenarioOf(`none${suite.test}`);
    suite.stripe.lists.set("payment_intents", [...(scenario.intents ?? [])]);
    suite.stripe.lists.set("charges", [...(scenario.charges ?? [])]);
    suite.stripe.lists.set("refunds", [...scenario.refunds]);
    return scenario;
  }
  const deliverAll = async (delivered: Scenario["delivered"]): Promise<void> => {
    for (const [n, [type, object]] of delivered.entries()) {
      const created = paidAt + n;
      const event = {
        id: `evt_none${suite.test}t${n}`,
        object: "event",
        api_version: "2026-07-29.dahlia",
        created,
      };
      await suite.context.deliver({ ...event, livemode: false, type, data: { object } });
    }
  };
  async function ledger(): Promise<readonly string[]> {
    const { rows } = await suite.context.client.query<{ kind: string; amount: string }>(
      "select kind, amount::text from takings.ledger order by kind, object_id",
    );
    return rows.map(({ kind, amount }) => `${kind} ${amount}`);
  }
  async function gaps(): Promise<number> {
    return (await suite.context.client.query("select from takings.gaps")).rows.length;
  }
  const nothing = { published: 0, missing: 0, different: 0 };

  for (const [what, scenarioOf] of Object.entries(scenarios)) {
    it(`${what} finds and publishes nothing when everything was delivered`, async () => {
      const scenario = set(scenarioOf);
      await deliverAll(scenario.delivered);
      for (const dryRun of [true, false]) {
        const { run, findings } = await suite.context.reconcile(suite.stripe, { dryRun });
        expect(run).to.include(nothing);
        expect(findings).to.deep.equal([]);
      }
      expect([await ledger(), await gaps()]).to.deep.equal([scenario.ledger, 0]);
    });

    it(`${what} produces the same ledger when nothing was delivered`, async () => {
      const scenario = set(scenarioOf);
      const found = (await suite.context.reconcile(suite.stripe, { dryRun: true })).findings;
      const { run, findings } = await suite.context.reconcile(suite.stripe);
      expect(run).to.include({ missing: 0, different: 0 });
      expect(findings.map(({ detail }) => detail)).to.deep.equal(found.map(({ detail }) => detail));
      expect(findings).to.have.length(scenario.ledger.length);
      expect([await ledger(), await gaps()]).to.deep.equal([scenario.ledger, 0]);
      expect((await suite.context.reconcile(suite.stripe)).run).to.include(nothing);
    });
  }

  it("was counted before there was evidence against it removes it", async () => {
    const { refunds } = set(canceled);
    await deliverAll(refunds.map((refund) => ["refund.created", folded(refund)] as const));
    expect(await ledger()).to.deep.equal(["refund -1000"]);
    const { run, findings } = await suite.context.reconcile(suite.stripe);
    expect(run).to.include({ published: 1, missing: 0 });
    expect(findings[0]?.detail).to.equal("refund of -1000 usd is in the ledger, but should not be");
    expect(await ledger()).to.deep.equal([]);
  });

  it("was delivered only as a running total, without its id, counts it once and publishes nothing", async () => {
    const charge = chargeOf("total", { id: "ch_total", amount_refunded: 300 });
    const intent = intentOf("total", { status: "succeeded", amount_received: 1_000, latest_charge: charge });
    set(() => ({
      intents: [intent],
      refunds: [refundOf("total", { amount: 300, charge, payment_intent: intent })],
      delivered: [],
      ledger: [],
    }));
    const total = { id: "evt_total2", object: "event", api_version: "2023-10-16", created: paidAt + 21 };
    const data = { object: folded(charge) };
    await deliverAll([["payment_intent.succeeded", folded(intent)]]);
    await suite.context.deliver({ ...total, livemode: false, type: "charge.refunded", data });
    const before = await ledger();
    expect((await suite.context.reconcile(suite.stripe)).run).to.include(nothing);
    expect(await ledger()).to.deep.equal(before);
  });
});
