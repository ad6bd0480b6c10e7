import type { StripeEvent } from "@takings/simulator";
import type { FaultCase, CaseContext } from "../fault-case.ts";

/** An event that Stripe never sent, under an id of its own. */
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

/** Bodies that are genuine and hard to take. */
export const bodyCases: readonly FaultCase[] = [
  {
    name: "huge, deep and odd bodies",
    faults: [57],
    what: "signed: 600 KiB, a nesting of 1,000, __proto__, amounts beyond 2^53, below zero, and fractions",
    cycles: 1,
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
    name: "poison messages among valid events",
    faults: [33],
    what: "60 signed events, every third of which defies understanding: quarantined, and nothing stands in its neighbours' way",
    cycles: 1,
    async cycle(context) {
      const odd = Array.from({ length: 5 }, () => oddBodies(context)).flat();
      const good = odd.flatMap(() => [context.sender.next(), context.sender.next()]);
      await Promise.all(
        context.random.shuffle([...odd, ...good]).map((event) => context.sender.attempt(event)),
      );
    },
  },
];

/** Signed events with content that a parser, a sum or a database may choke on. Each has its own verdict with the judge. */
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
