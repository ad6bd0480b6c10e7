import { type FakeStripe, fakeStripe, listed, type StripeObject } from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { createTestContext, type TestContext } from "./test-context.ts";

const { hour, now } = listed;
const year = 365 * 24 * hour;

describe("reconciling books with gaps", () => {
  let context: TestContext;
  let stripe: FakeStripe;
  before(async () => {
    context = await createTestContext();
  });
  after(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    stripe = await fakeStripe();
    await context.empty();
  });
  afterEach(() => stripe[Symbol.asyncDispose]());

  // Each test has ids of its own, because the stream remembers those of the tests before.
  let test = 0;
  beforeEach(() => {
    test += 1;
  });

  /** A charge that was paid that long ago, with its PaymentIntent. */
  function paid(secondsAgo: number, refunded = 0): { charge: StripeObject; intent: StripeObject } {
    const [id, intentId] = [`ch_gap${test}`, `pi_gap${test}`];
    const created = now - secondsAgo;
    const amounts = { amount: 1_000, amount_captured: 1_000, amount_refunded: refunded, captured: true };
    const common = { created, currency: "usd", livemode: false, status: "succeeded" };
    const settled = { id: "txn_1", created: created + 5 };
    const charge = { ...common, id, object: "charge", ...amounts, balance_transaction: settled };
    const intent = {
      ...common,
      id: intentId,
      object: "payment_intent",
      amount: 1_000,
      amount_received: 1_000,
    };
    return {
      charge: { ...charge, payment_intent: { ...intent, latest_charge: id } },
      intent: { ...intent, latest_charge: { ...charge, payment_intent: intentId } },
    };
  }

  function deliver(type: string, created: number, object: object): Promise<void> {
    const event = { id: `evt_gap${test}${type.replaceAll(".", "")}`, object: "event", livemode: false };
    return context.deliver({ ...event, api_version: "2026-07-29.dahlia", created, type, data: { object } });
  }

  async function ledgerState(): Promise<{
    readonly gaps: readonly string[];
    readonly entries: readonly string[];
  }> {
    const gaps = await context.client.query<{ text: string }>(
      "select kind || ' ' || amount as text from takings.gaps order by kind",
    );
    const entries = await context.client.query<{ text: string }>(
      "select kind || ' ' || amount as text from takings.ledger order by kind",
    );
    return { gaps: gaps.rows.map(({ text }) => text), entries: entries.rows.map(({ text }) => text) };
  }

  for (const [age, secondsAgo] of Object.entries({ "of this week": 48 * hour, "of last year": year })) {
    it(`closes the gap of a payment ${age} of which only the charge was told`, async () => {
      const { charge, intent } = paid(secondsAgo);
      await deliver("charge.succeeded", now - secondsAgo, { ...charge, payment_intent: intent.id });
      expect(await ledgerState()).to.deep.equal({ gaps: ["payment 1000"], entries: [] });
      stripe.lists.set("payment_intents", [intent]);
      stripe.lists.set("charges", [charge]);
      const dry = await context.reconcile(stripe, { dryRun: true });
      expect(dry.run).to.include({ missing: 1, published: 0 });
      const { run, findings } = await context.reconcile(stripe);
      expect(run).to.include({ missing: 0, published: 1 });
      expect(findings.map(({ detail, repaired }) => [detail, repaired])).to.deep.equal([
        ["payment of 1000 usd is not in the ledger", true],
      ]);
      expect(await ledgerState()).to.deep.equal({ gaps: [], entries: ["payment 1000"] });
      const { rows } = await context.client.query<{ at: Date }>(
        "select occurred_at as at from takings.ledger",
      );
      expect(rows[0]?.at).to.deep.equal(new Date((now - secondsAgo + 5) * 1_000));
    });

    it(`closes the gap of refunds ${age} that only a running total told`, async () => {
      const { charge, intent } = paid(secondsAgo, 300);
      const refund = (n: number, amount: number): StripeObject => {
        const made = { object: "refund", created: now - secondsAgo + n, status: "succeeded", reason: null };
        const owners = { charge, payment_intent: charge["payment_intent"] };
        return { ...made, id: `re_gap${test}n${n}`, amount, currency: "usd", ...owners };
      };
      await deliver("payment_intent.succeeded", now - secondsAgo, intent);
      await deliver("charge.updated", now - secondsAgo + 60, { ...charge, payment_intent: intent.id });
      expect(await ledgerState()).to.deep.equal({ gaps: ["refund 300"], entries: ["payment 1000"] });
      stripe.lists.set("refunds", [refund(10, 100), refund(20, 200)]);
      expect((await context.reconcile(stripe, { dryRun: true })).run).to.include({ missing: 2 });
      expect((await context.reconcile(stripe)).run).to.include({ missing: 0, published: 2 });
      expect(await ledgerState()).to.deep.equal({
        gaps: [],
        entries: ["payment 1000", "refund -200", "refund -100"],
      });
    });
  }

  it("closes the gap that a partial capture's rest left, and calls nothing missing", async () => {
    const { charge, intent } = paid(48 * hour, 400);
    const part = { amount_captured: 600 };
    const released = {
      id: `re_gap${test}`,
      object: "refund",
      created: now - 48 * hour + 20,
      status: "succeeded",
      amount: 400,
      currency: "usd",
      reason: null,
      charge: { ...charge, ...part },
    };
    await deliver("payment_intent.succeeded", now - 48 * hour, {
      ...intent,
      amount_received: 600,
      latest_charge: charge.id,
    });
    await deliver("charge.updated", now - 40 * hour, { ...charge, ...part, payment_intent: intent.id });
    expect(await ledgerState()).to.deep.equal({ gaps: ["refund 400"], entries: ["payment 600"] });
    stripe.lists.set("refunds", [released]);
    const { run, findings } = await context.reconcile(stripe);
    expect(run).to.include({ missing: 0, published: 1 });
    expect(findings).to.deep.equal([]);
    expect(await ledgerState()).to.deep.equal({ gaps: [], entries: ["payment 600"] });
  });

  it("leaves a gap of which Stripe knows nothing", async () => {
    const { charge, intent } = paid(48 * hour);
    await deliver("charge.succeeded", now - 48 * hour, { ...charge, payment_intent: intent.id });
    expect((await context.reconcile(stripe)).run).to.include({ missing: 0, published: 0 });
    expect(await ledgerState()).to.deep.equal({ gaps: ["payment 1000"], entries: [] });
  });

  it("opens none for a refund of a payment that is older than what was asked for", async () => {
    const { charge, intent } = paid(year, 300);
    const refund = { id: `re_gap${test}`, object: "refund", created: now - hour, status: "succeeded" };
    const of = { charge, payment_intent: intent, amount: 300, currency: "usd", reason: null };
    stripe.lists.set("refunds", [{ ...refund, ...of }]);
    expect((await context.reconcile(stripe)).run).to.include({ missing: 0, published: 1 });
    expect(await ledgerState()).to.deep.equal({ gaps: [], entries: ["refund -300"] });
  });

  it("finds the payment of a PaymentIntent that is much older than the charge that paid it", async () => {
    const { charge, intent } = paid(hour);
    const old = { ...intent, created: now - year };
    stripe.lists.set("payment_intents", [old]);
    stripe.lists.set("charges", [{ ...charge, payment_intent: { ...old, latest_charge: charge.id } }]);
    expect((await context.reconcile(stripe)).run).to.include({ missing: 0, published: 1 });
    expect((await ledgerState()).entries).to.deep.equal(["payment 1000"]);
  });

  it("takes a charge back that a bank returned late", async () => {
    const { charge } = paid(30 * hour);
    const lone = { ...charge, payment_intent: null };
    await deliver("charge.succeeded", now - 30 * hour, lone);
    const failure = { id: "txn_2", created: now - hour };
    stripe.lists.set("charges", [{ ...lone, status: "failed", failure_balance_transaction: failure }]);
    expect((await context.reconcile(stripe)).run).to.include({ missing: 0, published: 1 });
    expect((await ledgerState()).entries).to.deep.equal(["payment 1000", "refund -1000"]);
    expect((await context.reconcile(stripe)).run).to.include({ missing: 0, published: 0 });
  });
});
