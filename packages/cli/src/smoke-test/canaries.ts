/** One event of the smoke test, in the form in which Stripe would send it. */
export type Canary = { readonly id: string; readonly body: string };

/** The totals that the canaries of one run must produce, in minor units of `usd`. */
export type CanaryTotals = {
  readonly gross: bigint;
  readonly refunded: bigint;
  readonly payments: number;
  readonly refunds: number;
};

/** The events of one run, and what they must add up to. */
export type Canaries = {
  /** An invented account id that no other run uses, so that everything under it belongs to this run. */
  readonly account: string;
  readonly events: readonly Canary[];
  readonly expected: CanaryTotals;
};

type Json = Readonly<Record<string, unknown>>;

const metadata = (run: string): Json => ({ takings_smoke_test: run });

/**
 * Generates payments in test mode, every third of them partially refunded, with the events that Stripe would send about
 * each. They name no customer and belong to an invented connected account.
 * @param run letters and digits that make all ids of this run unique
 * @param createdAt Unix seconds
 */
export function createCanaries(run: string, payments: number, createdAt: number): Canaries {
  const account = `acct_smoke${run}`;
  const events: Canary[] = [];
  let gross = 0n;
  let refunded = 0n;
  let refunds = 0;
  const addEvent = (type: string, object: Json): void => {
    const id = `evt_smoke${run}n${events.length}`;
    const envelope = { id, object: "event", account, created: createdAt, livemode: false, type };
    events.push({ id, body: JSON.stringify({ ...envelope, data: { object } }) });
  };
  for (let index = 0; index < payments; index += 1) {
    const amount = 1_000 + index;
    const common = { currency: "usd", created: createdAt, metadata: metadata(run) };
    const intent = { id: `pi_smoke${run}n${index}`, object: "payment_intent", amount, ...common };
    const charge = { id: `ch_smoke${run}n${index}`, object: "charge", amount, ...common };
    const paid = {
      amount_captured: amount,
      captured: true,
      payment_intent: intent.id,
      source_transfer: null,
    };
    addEvent("payment_intent.created", { ...intent, amount_received: 0, status: "requires_payment_method" });
    addEvent("charge.succeeded", { ...charge, ...paid });
    addEvent("payment_intent.succeeded", { ...intent, amount_received: amount, status: "succeeded" });
    gross += BigInt(amount);
    if (index % 3 !== 0) continue;
    const refund = {
      id: `re_smoke${run}n${index}`,
      object: "refund",
      amount: 100 + index,
      charge: charge.id,
      payment_intent: intent.id,
      ...common,
    };
    addEvent("refund.created", { ...refund, status: "pending" });
    addEvent("refund.updated", { ...refund, status: "succeeded" });
    refunded += BigInt(refund.amount);
    refunds += 1;
  }
  return { account, events, expected: { gross, refunded, payments, refunds } };
}
