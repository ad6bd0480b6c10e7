import type { StripeEvent } from "@takings/simulator";
import type { FaultCase, CaseContext } from "../fault-case.ts";

/** An event with an id of its own that Stripe never sent. */
export function syntheticEvent(
  { random }: CaseContext,
  facts: Readonly<Record<string, unknown>> = {},
): StripeEvent {
  const id = `evt_invented${random.letters(20)}`;
  const intent = {
    id: `pi_invented${random.letters(16)}`,
    object: "payment_intent",
    amount: 4_200,
    amount_received: 4_200,
    currency: "usd",
    status: "succeeded",
  };
  const event = {
    id,
    object: "event",
    type: "payment_intent.succeeded",
    created: Math.floor(Date.now() / 1000),
    livemode: true,
  };
  return { id, type: event.type, body: JSON.stringify({ ...event, data: { object: intent }, ...facts }) };
}

/** Genuine bodies that are hard to process. */
export const bodyCases: readonly FaultCase[] = [
  {
    title: "extreme bodies",
    numbers: [57],
    fault:
      "signed bodies of 600 KiB, nested 1,000 deep, with __proto__, with amounts above 2^53, below zero or fractional",
    expectation: "too large ones get 413; others are stored",
    async cycle(context) {
      const huge = syntheticEvent(context, { padding: "x".repeat(600_000) });
      const refused = await context.sender.forge(huge, {});
      if (refused.status !== 413) context.reportViolation("BOUND", `answered ${refused.status} to 600 KiB`);
      for (const event of oddBodies(context)) {
        const { status } = await context.sender.attempt(event);
        if (status !== 200 && status !== 503)
          context.reportViolation("LIVE", `answered ${status} to a signed event`);
      }
    },
  },
  {
    title: "unreadable events among valid ones",
    numbers: [33],
    fault: "60 signed events, a third of which cannot be interpreted",
    expectation: "these are quarantined; the others are counted",
    async cycle(context) {
      const odd = Array.from({ length: 5 }, () => oddBodies(context)).flat();
      const good = odd.flatMap(() => [context.sender.next(), context.sender.next()]);
      await Promise.all(
        context.random.shuffle([...odd, ...good]).map((event) => context.sender.attempt(event)),
      );
    },
  },
];

/** Signed events whose content a parser, a sum or a database may fail on. The invariants know what each must come to. */
function oddBodies(context: CaseContext): StripeEvent[] {
  const edit = (change: (body: string) => string): StripeEvent => {
    const event = syntheticEvent(context);
    return { ...event, body: change(event.body) };
  };
  return [
    edit((body) =>
      body.replace('"livemode":true', `"livemode":true,"deep":${"[".repeat(1_000)}${"]".repeat(1_000)}`),
    ),
    edit((body) => body.replace('"livemode":true', '"livemode":true,"__proto__":{"livemode":false}')),
    edit((body) => body.replaceAll("4200", "9007199254740993")),
    edit((body) => body.replaceAll("4200", "-1")),
    edit((body) => body.replaceAll("4200", "0.5")),
    edit((body) => body.replace('"currency":"usd"', '"currency":"dollars"')),
  ];
}
