import { type ScopedFacts, createPaymentService, defaultSource, deriveLedger } from "@takings/domain";
import { generateHistories, platformAccount } from "@takings/simulator";
import { decodeEvent } from "@takings/wire";
import { expect } from "chai";
import { assert, nat, property } from "fast-check";
import { describe, it } from "mocha";
import { compareLines, differencesIn } from "./src/comparisons.ts";
import { type ExpectedEvent, expectedStateOf } from "./src/expected-state.ts";
import type { Entry } from "./src/reference-implementation/entries.ts";

const service = createPaymentService(() => platformAccount);

type Understood = { readonly entries: readonly string[]; readonly quarantined: readonly string[] };

/** What the product derives from bodies, without any server. */
function understand(bodies: readonly string[]): Understood {
  const facts: ScopedFacts[] = [];
  const quarantined = new Set<string>();
  for (const body of bodies) {
    const event = decodeEvent(Buffer.from(body));
    if (event === undefined) throw new Error(`not recognised as an event: ${body}`);
    const meaning = service.interpret(event);
    if (meaning.status === "quarantined") quarantined.add(event.id);
    else if (meaning.facts !== undefined && event.livemode !== undefined)
      facts.push({
        facts: meaning.facts,
        source: defaultSource,
        account: service.ownerOf(event, defaultSource),
        livemode: event.livemode,
      });
  }
  const books = Map.groupBy(facts, ({ account, livemode }) => JSON.stringify([account, livemode]));
  return { entries: [...books.values()].flatMap(derivedLines), quarantined: [...quarantined] };
}

function derivedLines(of: readonly ScopedFacts[]): string[] {
  const { account = null, livemode = false } = of[0] ?? {};
  return deriveLedger(of.map(({ facts }) => facts)).entries.map((entry) => {
    const { kind, objectId, amount, currency, occurredAt, sourceEvent, paymentIntent } = entry;
    const facts = [kind, account, livemode, objectId, String(amount), currency, occurredAt.getTime()];
    return JSON.stringify([...facts, sourceEvent.eventId, paymentIntent ?? null]);
  });
}

function entryLine(entry: Entry): string {
  const { kind, account, livemode, object_id, amount, currency, occurred_at } = entry;
  const facts = [kind, account, livemode, object_id, String(amount), currency, occurred_at * 1_000];
  return JSON.stringify([...facts, entry.event_id, entry.payment_intent]);
}

function idsOfQuarantined(events: Iterable<ExpectedEvent>): string[] {
  return [...events].filter(({ isQuarantined }) => isQuarantined).map(({ eventId }) => eventId);
}

describe("The interpretation of events", () => {
  it("agrees with the reference implementation on histories of all kinds", () => {
    assert(
      property(nat(), (seed) => {
        const bodies = generateHistories(seed, 60).deliveries.map(({ body }) => body);
        const expected = expectedStateOf(bodies, platformAccount);
        const actual = understand(bodies);
        const comparisons = [
          compareLines("ledger", expected.entries.map(entryLine), actual.entries),
          compareLines("quarantine", idsOfQuarantined(expected.events.values()), actual.quarantined),
        ];
        expect(differencesIn(comparisons)).to.equal("");
      }),
      { numRuns: 300 },
    );
  }).timeout(120_000);
});
