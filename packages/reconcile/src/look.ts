import {
  bookedEntries,
  type Books,
  type DerivedEntry,
  deriveLedger,
  differenceBetween,
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
  /** What would close the gaps among them, if it were on the stream. */
  readonly lacking: readonly EventBody[];
};

export type LookDependencies = {
  readonly store: ReconciliationStore;
  readonly payments: PaymentService;
  readonly books: Books;
  readonly apiVersion: string;
  /** Money that moved later is not looked for yet. */
  readonly through: Date;
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

/** What the ledger lacks, or has otherwise, by what these objects say today. */
export async function lookAtObjects(
  kind: MoneyObject,
  items: readonly Listed[],
  deps: LookDependencies,
): Promise<Look> {
  const { books, apiVersion, payments, store, through } = deps;
  const said = items.flatMap((item) =>
    reconciledEvents(kind, item, { ...books, apiVersion })
      .filter((event) => event.created < through)
      .map((event) => ({
        item,
        event,
        record: toEventRecord({ body: event.body, receivedAt: through }, payments),
      })),
  );
  const stated = said.flatMap(({ record }) => record.facts ?? []);
  const known = await store.facts(new Set(stated.flatMap((facts) => [...objectsOf(facts)])));
  const groups = groupsSharing([...known, ...stated], objectsOf);
  const ofPayment = new Map(groups.flatMap(({ items }) => items.map((facts) => [facts, items] as const)));
  const isKnown = new Set(known);
  const judged = said.map((one) => {
    const { item, record } = one;
    if (record.status === "quarantined")
      return { ...one, findings: [finding(item, "unreadable", record.reason ?? "is no event")] };
    const { facts } = record;
    if (facts === undefined) return { ...one, findings: [] };
    const payment = (ofPayment.get(facts) ?? []).filter((of) => isKnown.has(of));
    return { ...one, findings: judge(item, payment, facts, books) };
  });
  return {
    findings: judged.flatMap(({ findings }) => findings),
    lacking: judged
      .filter(({ findings }) => findings.some(({ found }) => found === "missing"))
      .map(({ event }) => event),
  };
}

/** Whether it would change anything if what Stripe's object says were known beside what is known of its payment. */
function judge(
  item: Listed,
  payment: readonly EventFacts[],
  facts: EventFacts,
  books: Books,
): readonly Finding[] {
  const before = deriveLedger(payment);
  const after = deriveLedger([...payment, facts]);
  const { put, takenBack, closed } = differenceBetween(before, after, books);
  const old = bookedEntries(before, books);
  const missing = [
    ...put.map((entry) => `${inWords(entry)} is not in the ledger`),
    ...takenBack
      .flatMap((id) => old.get(id) ?? [])
      .map((entry) => `${inWords(entry)} is in the ledger, and is none`),
    ...closed.map(
      ({ kind, amount, currency }) => `a ${kind} of ${amount} ${currency} is only known as a gap`,
    ),
  ];
  if (missing.length > 0) return missing.map((detail) => finding(item, "missing", detail));
  return disagreements(deriveLedger([facts]).entries, after.entries).map((detail) =>
    finding(item, "different", detail),
  );
}

/** Where the ledger has another amount of an object than the object itself says; one that is no money has none. */
function disagreements(stripe: readonly DerivedEntry[], ledger: readonly DerivedEntry[]): readonly string[] {
  return stripe.flatMap((entry) => {
    const ours = ledger.filter(({ kind, objectId }) => kind === entry.kind && objectId === entry.objectId);
    const amount = ours.reduce((sum, one) => sum + one.amount, 0n);
    const agrees = amount === entry.amount && ours.every(({ currency }) => currency === entry.currency);
    if (ours.length === 0 || agrees) return [];
    return [`${inWords(entry)} at Stripe, ${amount} ${ours[0]?.currency} in the ledger`];
  });
}

function finding(item: Listed, found: Finding["found"], detail: string): Finding {
  return { id: item.id, found, detail, at: new Date(item.created * 1_000) };
}

function inWords({ kind, amount, currency }: DerivedEntry): string {
  return `${kind} of ${amount} ${currency}`;
}
