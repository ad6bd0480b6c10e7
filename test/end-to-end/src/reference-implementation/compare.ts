import {
  createPaymentService,
  defaultSource,
  type DerivedLedger,
  deriveLedger,
  type EventFacts,
} from "@takings/domain";
import { decodeEvent, eventFacts } from "@takings/wire";
import type { Body } from "./events.ts";
import { referenceLedger } from "./reference-ledger.ts";

/** The lines in which the product and the second reading differ; none where they agree. */
export function differences(bodies: readonly Body[], platform: string): string[] {
  const { entries, gaps } = referenceLedger(bodies, platform);
  const expected = [...entries.map((one) => line("entry", one)), ...gaps.map((one) => line("gap", one))];
  const found = derived(bodies, platform);
  return [
    ...missing(expected, found).map((one) => `only the reference implementation: ${one}`),
    ...missing(found, expected).map((one) => `only the product: ${one}`),
  ].toSorted();
}

function missing(from: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return from.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** What the product derives of events as they come in, as lines. */
export function derived(bodies: readonly Body[], platform: string): string[] {
  const { ownerOf } = createPaymentService(() => platform);
  const books = new Map<string, { account: string | null; livemode: boolean; facts: EventFacts[] }>();
  for (const body of bodies) {
    const event = decodeEvent(Buffer.from(JSON.stringify(body)));
    if (event?.created === undefined || event.livemode === undefined) throw new Error("not an event");
    const [account, livemode] = [ownerOf(event, defaultSource), event.livemode];
    const key = JSON.stringify([account, livemode]);
    const book = books.get(key) ?? { account, livemode, facts: [] };
    books.set(key, book);
    book.facts.push(eventFacts({ ...body, id: event.id, type: event.type }, event.created));
  }
  return [...books.values()].flatMap(({ account, livemode, facts }) =>
    linesOf(deriveLedger(facts), account, livemode),
  );
}

function linesOf({ entries, gaps }: DerivedLedger, account: string | null, livemode: boolean): string[] {
  return [
    ...entries.map((one) =>
      line("entry", {
        kind: one.kind,
        account,
        livemode,
        object_id: one.objectId,
        key_event: one.keyEvent ?? null,
        amount: one.amount,
        currency: one.currency,
        occurred_at: seconds(one.occurredAt),
        payment_intent: one.paymentIntent ?? null,
        event_id: one.sourceEvent.eventId,
      }),
    ),
    ...gaps.map((one) =>
      line("gap", {
        kind: one.kind,
        object_id: one.objectId,
        payment_intent: one.paymentIntent ?? null,
        amount: one.amount,
        currency: one.currency,
        seen_at: seconds(one.seenBy.created),
        event_id: one.seenBy.eventId,
        account,
        livemode,
      }),
    ),
  ];
}

function line(what: string, fields: object): string {
  return `${what} ${JSON.stringify(fields, inDigits)}`;
}

function inDigits(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function seconds(at: Date): number {
  return at.getTime() / 1_000;
}
