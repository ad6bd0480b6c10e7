import { postWebhook } from "@takings/simulator";
import { eventually, listed, startService, type StripeObject, type TestService } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type RunbookContext, createRunbookContext, untilCommitted } from "./src/runbook-context.ts";

const seenSecondsAgo = 2 * listed.hour;

/** The event, two hours old, of a captured charge whose PaymentIntent is in another event. */
function chargeSucceeded(id: string): StripeObject {
  const charge = { ...listed.charge(id, seenSecondsAgo), payment_intent: `pi_${id}` };
  const event = listed.succeeded(`charge_${id}`, seenSecondsAgo);
  return { ...event, type: "charge.succeeded", data: { object: charge } };
}

async function deliver({ ingress }: RunbookContext, event: StripeObject): Promise<void> {
  const { status } = await postWebhook({ url: ingress.url, body: JSON.stringify(event) });
  expect(status).to.equal(200);
}

async function gauge(consumer: TestService, kind: string): Promise<string | undefined> {
  const page = await (await fetch(`${consumer.adminUrl}/metrics`)).text();
  return new RegExp(`^takings_gaps\\{kind="${kind}",source="default"\\} (\\d+)$`, "m").exec(page)?.[1];
}

describe("the runbook TakingsGaps, executed as written", function () {
  this.timeout(180_000);

  it("lists the missing payment and fetches it from Stripe", async () => {
    await using context = await createRunbookContext(50_000_000);
    const paid = listed.succeeded("gap", seenSecondsAgo, 700);
    const seen = chargeSucceeded("gap");
    context.stripe.lists.set("events", [seen, paid]);
    await using query = await startService("revenue-query", {
      DATABASE_URL: context.database.readerUrl,
      API_TOKENS: "token",
      DEFAULT_LIVEMODE: "false",
    });
    const consumer = await context.startConsumer();
    await deliver(context, seen);
    await untilCommitted(context);
    const gaugeIs = (kind: string, count: string): Promise<boolean> =>
      eventually(
        `the gauge of ${kind}s to be ${count}`,
        async () => (await gauge(consumer, kind)) === count,
        40_000,
      );
    await gaugeIs("payment", "1");
    await gaugeIs("refund", "0");

    const diagnosis = context.operator.follow("Diagnosis", "TakingsGaps.md");
    const list = 'curl -sf -H "authorization: Bearer $TOKEN" "$API/v1/gaps?account=*"';
    const access = { API: query.url, TOKEN: "token" };
    const { gaps } = JSON.parse(await diagnosis.next(list, access)) as { gaps: object[] };
    expect(gaps).to.deep.equal([
      {
        kind: "payment",
        object_id: "ch_gap",
        payment_intent: "pi_gap",
        amount: { minor: "700", major: "7.00" },
        currency: "usd",
        seen_at: new Date(seen.created * 1_000).toISOString().replace(".000Z", "Z"),
        event_id: seen.id,
        source: "default",
        account: null,
        livemode: false,
      },
    ]);
    await diagnosis.next("takings quarantine list");
    diagnosis.end();
    const mitigation = context.operator.follow("Mitigation", "TakingsGaps.md");
    expect(await mitigation.next("takings reconcile")).to.include(paid.id);
    mitigation.end();
    const { output } = await context.operator.run(list, access);
    expect(JSON.parse(output)).to.deep.equal({ gaps: [], next_cursor: null });
    await gaugeIs("payment", "0");
  });
});
