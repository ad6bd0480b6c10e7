import {
  type LedgerScope,
  type DerivedEntry,
  deriveLedger,
  type EventFacts,
  connectedGroups,
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
import { describeEntry, findMissingFacts } from "./missing-facts.ts";
import type { Listed } from "./parse-list.ts";

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
export type Inspection = {
  readonly findings: readonly Finding[];
  /** What would bring in what is missing, or close a gap, if it were on the stream. */
  readonly toPublish: readonly EventBody[];
};

export type InspectDependencies = {
  readonly store: ReconciliationStore;
  readonly payments: PaymentService;
  readonly scope: LedgerScope;
  readonly apiVersion: string;
  /** Money that moved later is not looked for yet. */
  readonly through: Date;
  /** PaymentIntents made since then are looked at themselves. */
  readonly intentsFrom: Date;
};

/** Which of these events are not stored. Of each id the store has one body for good, whatever is found here. */
export async function inspectEvents(
  items: readonly Listed[],
  deps: InspectDependencies,
): Promise<Inspection> {
  const read = items.map((item) => ({ item, event: listedEvent(item, deps.scope.account) }));
  const missingIds = await deps.store.missingEvents(items.map(({ id }) => id));
  const toPublish = read.filter(({ item }) => missingIds.has(item.id));
  return {
    toPublish: toPublish.flatMap(({ event }) => event ?? []),
    findings: toPublish.map(({ item, event }) =>
      event === undefined
        ? finding(item, "unreadable", "is listed as an event, but cannot be written down as one")
        : finding(item, "missing", `${event.type} of ${event.created.toISOString()} is not stored`),
    ),
  };
}

/** An event that an object makes, and what is kept of it. */
type ImpliedEvent = {
  readonly item: Listed;
  readonly event: EventBody;
  readonly facts: EventFacts | undefined;
  /** Why it cannot be understood. */
  readonly reason: string | null;
};

/** What the ledger lacks, or has otherwise, by what these objects say today. */
export async function inspectObjects(
  kind: MoneyObject,
  items: readonly Listed[],
  deps: InspectDependencies,
): Promise<Inspection> {
  const implied = items.flatMap((item) => impliedEventsOf(kind, item, deps));
  const byFacts = new Map(
    implied.flatMap((one) => (one.facts === undefined ? [] : [[one.facts, one] as const])),
  );
  const stated = [...byFacts.keys()];
  const known = await deps.store.facts(new Set(stated.flatMap((facts) => [...objectsOf(facts)])));
  const isKnown = new Set(known);
  const payments = connectedGroups([...known, ...stated], objectsOf).map((group) => ({
    known: group.items.filter((facts) => isKnown.has(facts)),
    implied: group.items.flatMap((facts) => byFacts.get(facts) ?? []),
  }));
  const inspections = payments.filter((payment) => payment.implied.length > 0).map(inspectPayment);
  const unreadable = implied.flatMap(({ item, reason }) =>
    reason === null ? [] : [finding(item, "unreadable", reason)],
  );
  return {
    findings: [...unreadable, ...inspections.flatMap(({ findings }) => findings)],
    toPublish: inspections.flatMap(({ toPublish }) => toPublish),
  };
}

function impliedEventsOf(
  kind: MoneyObject,
  item: Listed,
  deps: InspectDependencies,
): readonly ImpliedEvent[] {
  const { scope, apiVersion, payments, through } = deps;
  const implied = reconciledEvents(kind, item, { ...scope, apiVersion });
  return (kind === "charge" ? implied.filter(({ type }) => !isOfListedIntent(type, item, deps)) : implied)
    .filter(({ created }) => created < through)
    .map((event) => {
      const { facts, reason } = toEventRecord({ body: event.body, receivedAt: through }, payments);
      return { item, event, facts, reason };
    });
}

/** Whether an event that a charge makes is its PaymentIntent's, which a list of its own has shown already. */
function isOfListedIntent(
  type: string,
  { payment_intent: intent }: Listed,
  deps: InspectDependencies,
): boolean {
  if (!type.startsWith("payment_intent.") || typeof intent !== "object" || intent === null) return false;
  return "created" in intent && Number(intent.created) * 1_000 >= deps.intentsFrom.getTime();
}

/** What is known of a payment against what Stripe's objects say of it. */
function inspectPayment(payment: {
  readonly known: readonly EventFacts[];
  readonly implied: readonly ImpliedEvent[];
}): Inspection {
  const { known, implied } = payment;
  // What is stored under an id stays; it has implied already what it can.
  const ids = new Set(known.map(({ eventId }) => eventId));
  const stated = implied.flatMap(({ facts }) =>
    facts === undefined || ids.has(facts.eventId) ? [] : [facts],
  );
  const impliedByFacts = new Map(implied.map((one) => [one.facts, one]));
  const toPublish = findMissingFacts(known, stated).flatMap(({ facts, changes }) => {
    const one = impliedByFacts.get(facts);
    return one === undefined ? [] : [{ ...one, changes }];
  });
  const ledger = deriveLedger([...known, ...stated]).entries;
  const missing = toPublish.flatMap(({ item, facts, changes }) =>
    // A charge may speak of its PaymentIntent.
    changes.map((detail) => ({ ...finding(item, "missing", detail), id: facts?.objectId ?? item.id })),
  );
  const different = [...new Set(implied.map(({ item }) => item))].flatMap((item) => {
    const alone = implied.flatMap(({ item: of, facts }) =>
      of === item && facts !== undefined ? [facts] : [],
    );
    return disagreements(deriveLedger(alone).entries, ledger).map((detail) =>
      finding(item, "different", detail),
    );
  });
  return { findings: [...missing, ...different], toPublish: toPublish.map(({ event }) => event) };
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
    return [`${describeEntry(whole)} at Stripe, ${ours.amount} ${ours.currencies} in the ledger`];
  });
  return [...new Set(texts)];
}

type Sum = { readonly amount: bigint; readonly currencies: string };

function finding(item: Listed, found: Finding["found"], detail: string): Finding {
  return { id: item.id, found, detail, at: new Date(item.created * 1_000) };
}
