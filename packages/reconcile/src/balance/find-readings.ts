import type {
  BalanceFact,
  BalanceSyncStore,
  KnownPayout,
  KnownTransaction,
  LedgerScope,
} from "@takings/domain";
import { type BalanceObject, balanceReading, type EventBody, statementOf } from "@takings/wire";
import type { ListedObject } from "./balance-list.ts";

/** What readings depend on. */
export type ReadingOptions = {
  readonly store: Pick<BalanceSyncStore, "transactions" | "payouts" | "missingEvents">;
  readonly scope: LedgerScope;
  readonly apiVersion: string;
  /** When the round began. */
  readonly began: Date;
  /** The time of a reading, given when Stripe made the response: never earlier than that of a reading before. */
  readonly readTime: (at: Date) => Date;
};

/** What a page adds to what the ledger knows. */
export type Readings = {
  /** Events that state something new. */
  readonly toPublish: readonly EventBody[];
  /** What every object states, as far as it can be understood and does not contradict what is known. */
  readonly facts: readonly BalanceFact[];
  /** How many objects the consumer quarantines. */
  readonly quarantined: number;
};

/** A reading in quarantine stays the same event in every round, so that it is there once. */
const anyRound = new Date(0);

/** Finds which readings of transactions would change what is known. */
export async function findTransactions(
  items: readonly (ListedObject & { readonly payout?: string | null })[],
  at: Date,
  options: ReadingOptions,
): Promise<Readings> {
  const known = await options.store.transactions(items.flatMap(({ id }) => id ?? []));
  return sortReadings(
    items.map(({ object, payout }) => {
      const added = payout === undefined ? {} : { payout };
      return { bare: { kind: "transaction", object }, whole: { kind: "transaction", object, ...added } };
    }),
    {
      compare: (fact) => (fact.kind === "transaction" ? compareTransaction(fact.transaction, known) : "same"),
      knownOf: (fact) => (fact.kind === "transaction" ? known.get(fact.transaction.id) : undefined),
    },
    at,
    options,
  );
}

/** Finds which readings of payouts would change what is known. */
export async function findPayouts(
  items: readonly (ListedObject & { readonly members?: number })[],
  at: Date,
  options: ReadingOptions,
): Promise<Readings> {
  const known = await options.store.payouts(items.flatMap(({ id }) => id ?? []));
  return sortReadings(
    items.map(({ object, members }) => {
      const added = members === undefined ? {} : { members };
      return { bare: { kind: "payout", object }, whole: { kind: "payout", object, ...added } };
    }),
    {
      compare: (fact) => (fact.kind === "payout" ? comparePayout(fact.payout, known) : "same"),
      knownOf: (fact) => (fact.kind === "payout" ? known.get(fact.payout.id) : undefined),
    },
    at,
    options,
  );
}

type Comparison = "same" | "different" | "contradicting";

/** How facts are compared with what is known. */
type Knowledge = {
  readonly compare: (fact: BalanceFact) => Comparison;
  readonly knownOf: (fact: BalanceFact) => object | undefined;
};

async function sortReadings(
  objects: readonly { readonly bare: BalanceObject; readonly whole: BalanceObject }[],
  { compare, knownOf }: Knowledge,
  respondedAt: Date,
  { store, scope, apiVersion, began, readTime }: ReadingOptions,
): Promise<Readings> {
  const at = readTime(respondedAt);
  const origin = { ...scope, apiVersion };
  const understood = objects.map(({ bare, whole }) => {
    const fact = statementOf(whole)?.fact;
    return { bare, whole, fact, found: fact === undefined ? "contradicting" : compare(fact) };
  });
  // Without the payout that listed it, so that it is one event whichever list it is in.
  const quarantined = understood
    .filter(({ found }) => found === "contradicting")
    .map(({ bare }) => balanceReading(bare, origin, { round: anyRound, at }));
  const missing =
    quarantined.length === 0 ? new Set() : await store.missingEvents(quarantined.map(({ id }) => id));
  return {
    toPublish: [
      ...understood
        .filter(({ found }) => found === "different")
        .map(({ whole, fact }) => {
          const known = fact === undefined ? undefined : textOf(knownOf(fact));
          return balanceReading(whole, origin, { round: began, at, known });
        }),
      ...quarantined.filter(({ id }) => missing.has(id)),
    ],
    facts: understood.flatMap(({ fact, found }) =>
      fact === undefined || found === "contradicting" ? [] : [fact],
    ),
    quarantined: quarantined.length,
  };
}

/** The same text for the same fact. */
function textOf(known: object | undefined): string | undefined {
  if (known === undefined) return undefined;
  return JSON.stringify(known, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

type ReadTransaction = Extract<BalanceFact, { readonly kind: "transaction" }>["transaction"];

function compareTransaction(read: ReadTransaction, known: ReadonlyMap<string, KnownTransaction>): Comparison {
  const stored = known.get(read.id);
  if (stored === undefined) return "different";
  const isSameMoney =
    read.gross === stored.gross &&
    read.fee === stored.fee &&
    read.net === stored.net &&
    read.currency === stored.currency &&
    read.created.getTime() === stored.created.getTime();
  if (!isSameMoney) return "contradicting";
  const payout = read.payout === undefined ? stored.payout : read.payout;
  return isSame({ ...read, payout }, stored) ? "same" : "different";
}

function comparePayout(read: KnownPayout, known: ReadonlyMap<string, KnownPayout>): Comparison {
  const stored = known.get(read.id);
  if (stored === undefined) return "different";
  return isSame({ ...read, members: read.members ?? stored.members }, stored) ? "same" : "different";
}

/** Whether two facts with the same fields are equal once they are stored. */
function isSame<T extends object>(a: T, b: T): boolean {
  const [of, than] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return new Set([...of.keys(), ...than.keys()])
    .values()
    .every((field) => storedForm(of.get(field)) === storedForm(than.get(field)));
}

function storedForm(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  // As the database keeps texts: it accepts neither NUL nor lone surrogates.
  return typeof value === "string" ? value.toWellFormed().replaceAll("\0", "\u{FFFD}") : value;
}
