import {
  type Books,
  entryId,
  type EventRecord,
  type LedgerClaim,
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

/** Which entries the ledger lacks, or has otherwise, by what these objects say today. */
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
  const known = await store.entries(said.flatMap(({ record }) => record.claims.map(entryId)));
  const judged = said.map((one) => ({ ...one, findings: judge(one.item, one.record, known) }));
  return {
    findings: judged.flatMap(({ findings }) => findings),
    lacking: judged
      .filter(({ findings }) => findings.some(({ found }) => found === "missing"))
      .map(({ event }) => event),
  };
}

type KnownEntries = Awaited<ReturnType<ReconciliationStore["entries"]>>;

function judge(item: Listed, record: EventRecord, known: KnownEntries): Finding[] {
  if (record.status === "quarantined") return [finding(item, "unreadable", record.reason ?? "is no event")];
  return record.claims.flatMap((claim) => {
    const entry = known.get(entryId(claim));
    if (entry === undefined) return [finding(item, "missing", `${inWords(claim)} is not in the ledger`)];
    const agrees = entry.amount === claim.amount && entry.currency === claim.currency;
    const kept = `${entry.amount} ${entry.currency} in the ledger`;
    return agrees ? [] : [finding(item, "different", `${inWords(claim)} at Stripe, ${kept}`)];
  });
}

function finding(item: Listed, found: Finding["found"], detail: string): Finding {
  return { id: item.id, found, detail, at: new Date(item.created * 1_000) };
}

function inWords({ kind, amount, currency }: LedgerClaim): string {
  return `${kind} of ${amount} ${currency}`;
}
