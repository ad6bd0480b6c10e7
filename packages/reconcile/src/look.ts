import {
  type Books,
  type DerivedEntry,
  deriveLedger,
  type EventFacts,
  groupsSharing,
  objectsOf,
  type PaymentService,
  type ReconciliationStore,
} from "@takings/domain";
import {
  type EventBody,
  listedEvent,
  type MoneyObject,
  reconciledEvents,
  toEventRecord,
} from "@takings/wire";
import { inWords, lackingFacts } from "./lacking-facts.ts";
import type { Listed } from "./read-list.ts";

/** Something that Stripe has and the ledger has not, or has otherwise. */
export type Finding = {
  /** The event's or the object's id. */
  readonly id: string;
  /** `unreadable`: it is money, but what it says cannot be understood, so nothing is done about it. */
  readonly found: "missing" | "different" | "unreadable";
  readonly detail: string;
  /** When the item was made that Stripe lists. */
  readonly at: Date;
};

/** A page of Stripe's, held against the store. */
export type Look = {
  readonly findings: readonly Finding[];
  /** What would bring in what is missing, or close a gap, if it were on the stream. */
  readonly lacking: readonly EventBody[];
};

export type LookDependencies = {
  readonly store: ReconciliationStore;
  readonly payments: PaymentService;
  readonly books: Books;
  readonly apiVersion: string;
  /** Money that moved later is not looked for yet. */
  readonly through: Date;
  /** PaymentIntents made since then are looked at themselves. */
  readonly intentsFrom: Date;
};

/** Which of these events are not stored. Of each id the store has one body for good, whatever is found here. */
export async function lookAtEvents(items: readonly Listed[], deps: LookDependencies): Promise<Look> {
  const read = items.map((item) => ({ item, event: listedEvent(item, deps.books.account) }));
  const lackingIds = await deps.store.lackingEvents(items.map(({ id }) => id));
  const lacking = read.filter(({ item }) => lackingIds.has(item.id));
  return {
    lacking: lacking.flatMap(({ event }) => event ?? []),
    findings: lacking.map(({ item, event }) =>
      event === undefined
        ? finding(item, "unreadable", "is listed as an event, but cannot be written down as one")
        : finding(item, "missing", `${event.type} of ${event.created.toISOString()} is not stored`),
    ),
  };
}

/** An event that an object makes, and what is kept of it. */
type Said = {
  readonly item: Listed;
  readonly event: EventBody;
  readonly facts: EventFacts | undefined;
  /** Why it cannot be understood. */
  readonly reason: string | null;
};

/** What the ledger lacks, or has otherwise, by what these objects say today. */
export async function lookAtObjects(
  kind: MoneyObject,
  items: readonly Listed[],
  deps: LookDependencies,
): Promise<Look> {
  const said = items.flatMap((item) => sayingsOf(kind, item, deps));
  const bySaying = new Map(
    said.flatMap((one) => (one.facts === undefined ? [] : [[one.facts, one] as const])),
  );
  const stated = [...bySaying.keys()];
  const known = await deps.store.facts(new Set(stated.flatMap((facts) => [...objectsOf(facts)])));
  const isKnown = new Set(known);
  const payments = groupsSharing([...known, ...stated], objectsOf).map((group) => ({
    known: group.items.filter((facts) => isKnown.has(facts)),
    said: group.items.flatMap((facts) => bySaying.get(facts) ?? []),
  }));
  const looks = payments.filter((payment) => payment.said.length > 0).map(lookAtPayment);
  const unreadable = said.flatMap(({ item, reason }) =>
    reason === null ? [] : [finding(item, "unreadable", reason)],
  );
  return {
    findings: [...unreadable, ...looks.flatMap(({ findings }) => findings)],
    lacking: looks.flatMap(({ lacking }) => lacking),
  };
}

function sayingsOf(kind: MoneyObject, item: Listed, deps: LookDependencies): readonly Said[] {
  const { books, apiVersion, payments, through } = deps;
  const said = reconciledEvents(kind, item, { ...books, apiVersion });
  return (kind === "charge" ? said.filter(({ type }) => !isOfListedIntent(type, item, deps)) : said)
    .filter(({ created }) => created < through)
    .map((event) => {
      const { facts, reason } = toEventRecord({ body: event.body, receivedAt: through }, payments);
      return { item, event, facts, reason };
    });
}

/** Whether an event that a charge makes is its PaymentIntent's, which a list of its own has shown already. */
function isOfListedIntent(type: string, { payment_intent: intent }: Listed, deps: LookDependencies): boolean {
  if (!type.startsWith("payment_intent.") || typeof intent !== "object" || intent === null) return false;
  return "created" in intent && Number(intent.created) * 1_000 >= deps.intentsFrom.getTime();
}

/** What is known of a payment against what Stripe's objects say of it. */
function lookAtPayment(payment: {
  readonly known: readonly EventFacts[];
  readonly said: readonly Said[];
}): Look {
  const { known, said } = payment;
  // What is stored under an id stays; it has said already what it can.
  const ids = new Set(known.map(({ eventId }) => eventId));
  const stated = said.flatMap(({ facts }) => (facts === undefined || ids.has(facts.eventId) ? [] : [facts]));
  const sayingOf = new Map(said.map((one) => [one.facts, one]));
  const lacking = lackingFacts(known, stated).flatMap(({ facts, changes }) => {
    const one = sayingOf.get(facts);
    return one === undefined ? [] : [{ ...one, changes }];
  });
  const ledger = deriveLedger([...known, ...stated]).entries;
  const missing = lacking.flatMap(({ item, facts, changes }) =>
    // A charge may speak of its PaymentIntent.
    changes.map((detail) => ({ ...finding(item, "missing", detail), id: facts?.objectId ?? item.id })),
  );
  const different = [...new Set(said.map(({ item }) => item))].flatMap((item) => {
    const alone = said.flatMap(({ item: of, facts }) => (of === item && facts !== undefined ? [facts] : []));
    return disagreements(deriveLedger(alone).entries, ledger).map((detail) =>
      finding(item, "different", detail),
    );
  });
  return { findings: [...missing, ...different], lacking: lacking.map(({ event }) => event) };
}

/** Where the ledger has another amount of an object than the object itself says; one that is no money has none. */
function disagreements(stripe: readonly DerivedEntry[], ledger: readonly DerivedEntry[]): readonly string[] {
  const ofObject = (entries: readonly DerivedEntry[], { kind, objectId }: DerivedEntry): Sum => {
    const own = entries.filter((entry) => entry.kind === kind && entry.objectId === objectId);
    const amount = own.reduce((sum, entry) => sum + entry.amount, 0n);
    return { amount, currencies: [...new Set(own.map(({ currency }) => currency))].join(" and ") };
  };
  const texts = stripe.flatMap((entry) => {
    const [theirs, ours] = [ofObject(stripe, entry), ofObject(ledger, entry)];
    const agrees = theirs.amount === ours.amount && theirs.currencies === ours.currencies;
    if (ours.currencies === "" || agrees) return [];
    const whole = { ...entry, amount: theirs.amount };
    return [`${inWords(whole)} at Stripe, ${ours.amount} ${ours.currencies} in the ledger`];
  });
  return [...new Set(texts)];
}

type Sum = { readonly amount: bigint; readonly currencies: string };

function finding(item: Listed, found: Finding["found"], detail: string): Finding {
  return { id: item.id, found, detail, at: new Date(item.created * 1_000) };
}
