import { listed, type StripeObject } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { useTestSuite } from "./test-context.ts";

const { hour, now } = listed;
const year = 365 * 24 * hour;

describe("reconciling a ledger with gaps", () => {
  const suite = useTestSuite();

  /** A charge that was paid some time ago, with its PaymentIntent. */
  function paid(secondsAgo: number, refunded = 0): { charge: StripeObject; intent: StripeObject } {
    const [id, intentId] = [`ch_gap${suite.test}`, `pi_gap${suite.test}`];
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
    const event = { id: `evt_gap${suite.test}${type.replaceAll(".", "")}`, object: "event", livemode: false };
    return suite.context.deliver({
      ...event,
      api_version: "2026-07-29.dahlia",
      created,
      type,
      data: { object },
    });
  }

  async function ledgerState(): Promise<{
    readonly gaps: readonly string[];
    readonly entries: readonly string[];
  }> {
    const gaps = await suite.context.client.query<{ text: string }>(
      "select kind || ' ' || amount as text from takings.gaps order by kind",
    );
    const entries = await suite.context.client.query<{ text: string }>(
      "select kind || ' ' || amount as text from takings.ledger order by kind",
    );
    return { gaps: gaps.rows.map(({ text }) => text), entries: entries.rows.map(({ text }) => text) };
  }

  for (const [age, secondsAgo] of Object.entries({ "of this week": 48 * hour, "of last year": year })) {
    it(`closes the gap of a payment ${age} of which only the charge was delivered`, async () => {
      const { charge, intent } = paid(secondsAgo);
      await deliver("charge.succeeded", now - secondsAgo, { ...charge, payment_intent: intent.id });
      expect(await ledgerState()).to.deep.equal({ gaps: ["payment 1000"], entries: [] });
      suite.stripe.lists.set("payment_intents", [intent]);
      suite.stripe.lists.set("charges", [charge]);
      const dry = await suite.context.reconcile(suite.stripe, { dryRun: true });
      expect(dry.run).to.include({ missing: 1, published: 0 });
      const { run, findings } = await suite.context.reconcile(suite.stripe);
      expect(run).to.include({ missing: 0, published: 1 });
      expect(findings.map(({ detail, repaired }) => [detail, repaired])).to.deep.equal([
        ["payment of 1000 usd is not in the ledger", true],
      ]);
      expect(await ledgerState()).to.deep.equal({ gaps: [], entries: ["payment 1000"] });
      const { rows } = await suite.context.client.query<{ at: Date }>(
        "select occurred_at as at from takings.ledger",
      );
      expect(rows[0]?.at).to.deep.equal(new Date((now - secondsAgo + 5) * 1_000));
    });

    it(`closes the gap of refunds ${age} that only a running total shows`, async () => {
      const { charge, intent } = paid(secondsAgo, 300);
      const refund = (n: number, amount: number): StripeObject => {
        const made = { object: "refund", created: now - secondsAgo + n, status: "succeeded", reason: null };
        const owners = { charge, payment_intent: charge["payment_intent"] };
        return { ...made, id: `re_gap${suite.test}n${n}`, amount, currency: "usd", ...owners };
      };
      await deliver("payment_intent.succeeded", now - secondsAgo, intent);
      await deliver("charge.updated", now - secondsAgo + 60, { ...charge, payment_intent: intent.id });
      expect(await ledgerState()).to.deep.equal({ gaps: ["refund 300"], entries: ["payment 1000"] });
      suite.stripe.lists.set("refunds", [refund(10, 100), refund(20, 200)]);
      expect((await suite.context.reconcile(suite.stripe, { dryRun: true })).run).to.include({ missing: 2 });
      expect((await suite.context.reconcile(suite.stripe)).run).to.include({ missing: 0, published: 2 });
      expect(await ledgerState()).to.deep.equal({
        gaps: [],
        entries: ["payment 1000", "refund -200", "refund -100"],
      });
    });
  }

  it("closes the gap left by the rest of a partial capture, and reports nothing as missing", async () => {
    const { charge, intent } = paid(48 * hour, 400);
    const part = { amount_captured: 600 };
    const released = {
      id: `re_gap${suite.test}`,
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
    suite.stripe.lists.set("refunds", [released]);
    const { run, findings } = await suite.context.reconcile(suite.stripe);
    expect(run).to.include({ missing: 0, published: 1 });
    expect(findings).to.deep.equal([]);
    expect(await ledgerState()).to.deep.equal({ gaps: [], entries: ["payment 600"] });
  });

  it("leaves a gap that Stripe's lists do not explain", async () => {
    const { charge, intent } = paid(48 * hour);
    await deliver("charge.succeeded", now - 48 * hour, { ...charge, payment_intent: intent.id });
    expect((await suite.context.reconcile(suite.stripe)).run).to.include({ missing: 0, published: 0 });
    expect(await ledgerState()).to.deep.equal({ gaps: ["payment 1000"], entries: [] });
  });

  it("opens no gap for a refund of a payment from before the range", async () => {
    const { charge, intent } = paid(year, 300);
    const refund = { id: `re_gap${suite.test}`, object: "refund", created: now - hour, status: "succeeded" };
    const of = { charge, payment_intent: intent, amount: 300, currency: "usd", reason: null };
    suite.stripe.lists.set("refunds", [{ ...refund, ...of }]);
    expect((await suite.context.reconcile(suite.stripe)).run).to.include({ missing: 0, published: 1 });
    expect(await ledgerState()).to.deep.equal({ gaps: [], entries: ["refund -300"] });
  });

  it("finds the payment of a PaymentIntent that is much older than its charge", async () => {
    const { charge, intent } = paid(hour);
    const old = { ...intent, created: now - year };
    suite.stripe.lists.set("payment_intents", [old]);
    suite.stripe.lists.set("charges", [{ ...charge, payment_intent: { ...old, latest_charge: charge.id } }]);
    expect((await suite.context.reconcile(suite.stripe)).run).to.include({ missing: 0, published: 1 });
    expect((await ledgerState()).entries).to.deep.equal(["payment 1000"]);
  });

  it("reverses a charge that a bank returned late", async () => {
    const { charge } = paid(30 * hour);
    const lone = { ...charge, payment_intent: null };
    await deliver("charge.succeeded", now - 30 * hour, lone);
    const failure = { id: "txn_2", created: now - hour };
    suite.stripe.lists.set("charges", [{ ...lone, status: "failed", failure_balance_transaction: failure }]);
    expect((await suite.context.reconcile(suite.stripe)).run).to.include({ missing: 0, published: 1 });
    expect((await ledgerState()).entries).to.deep.equal(["payment 1000", "refund -1000"]);
    expect((await suite.context.reconcile(suite.stripe)).run).to.include({ missing: 0, published: 0 });
  });
});
