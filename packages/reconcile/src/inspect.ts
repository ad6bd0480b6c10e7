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
import type { Listed } from "./stripe/parse-list.ts";

/** An event or object at Stripe that the ledger lacks or that differs from it. */
export type Finding = {
  /** The id of the event or object. */
  readonly id: string;
  /** `unreadable`: it affects the ledger but cannot be understood, so it is not published. */
  readonly found: "missing" | "different" | "unreadable";
  readonly detail: string;
  /** When the listed event or object was created. */
  readonly at: Date;
};

/** The result of comparing a page of a list with the store. */
export type Inspection = {
  readonly findings: readonly Finding[];
  /** Events that would add what is missing, or close a gap, once they are on the stream. */
  readonly toPublish: readonly EventBody[];
};

/** What an inspection depends on. */
export type InspectDependencies = {
  readonly store: ReconciliationStore;
  readonly payments: PaymentService;
  readonly scope: LedgerScope;
  readonly apiVersion: string;
  /** Events after this time are not compared yet. */
  readonly through: Date;
  /** PaymentIntents created since then are listed themselves. */
  readonly intentsFrom: Date;
};

/** Finds the events that are not stored. A stored event keeps its body, whatever Stripe lists. */
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
        ? finding(item, "unreadable", "is listed as an event, but cannot be stored as one")
        : finding(item, "missing", `${event.type} of ${event.created.toISOString()} is not stored`),
    ),
  };
}

/** An event that a listed object implies, and the facts in it. */
type ImpliedEvent = {
  readonly item: Listed;
  readonly event: EventBody;
  readonly facts: EventFacts | undefined;
  /** Why it cannot be understood; `null` if it can. */
  readonly reason: string | null;
};

/** Finds where the ledger lacks entries or differs from the current state of these objects. */
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
      const { facts, reason } = toEventRecord(
        { source: scope.source, body: event.body, receivedAt: through },
        payments,
      );
      return { item, event, facts, reason };
    });
}

/** Whether an event that a charge implies belongs to its PaymentIntent, which the list of PaymentIntents contains. */
function isOfListedIntent(
  type: string,
  { payment_intent: intent }: Listed,
  deps: InspectDependencies,
): boolean {
  if (!type.startsWith("payment_intent.") || typeof intent !== "object" || intent === null) return false;
  return "created" in intent && Number(intent.created) * 1_000 >= deps.intentsFrom.getTime();
}

/** Compares the known facts of a payment with those of Stripe's objects. */
function inspectPayment(payment: {
  readonly known: readonly EventFacts[];
  readonly implied: readonly ImpliedEvent[];
}): Inspection {
  const { known, implied } = payment;
  // A stored event is not replaced, so facts under its id add nothing.
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
    // An event implied by a charge may be about its PaymentIntent.
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

/** Finds objects whose amount in the ledger differs from their own. An object without entries has no amount. */
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
