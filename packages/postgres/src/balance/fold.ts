import type { BalanceTransactionFact, LedgerScope, PayoutFact } from "@takings/domain";
import { compareSaid, type SaidFact, type SaidOrder } from "./said-fact.ts";

// What is known of an object is the fold of all that was said about it. The result does not depend on the order in which
// the facts are added, except which of two contradicting amounts is the first.

/** What is known of a balance transaction, its moment aside. */
export type TransactionState = LedgerScope & {
  readonly kind: "transaction";
  readonly fact: Omit<BalanceTransactionFact, "payout">;
  readonly said: SaidOrder;
  readonly payout: string | null;
  /** The latest statement that says which payout it is in. */
  readonly payoutSaid: SaidOrder | undefined;
};

/** What is known of a payout. */
export type PayoutState = LedgerScope & {
  readonly kind: "payout";
  readonly fact: Omit<PayoutFact, "members">;
  readonly said: SaidOrder;
  readonly members: number | undefined;
  /** The latest statement that says how many members it has. */
  readonly membersSaid: SaidOrder | undefined;
};

/** What is known of an object. */
export type BalanceState = TransactionState | PayoutState;

/** Adds what was said about an object to what is known of it. A fact that contradicts that adds nothing. */
export function foldFact(
  known: BalanceState | undefined,
  { fact, ...said }: SaidFact,
): BalanceState | undefined {
  if (fact.kind === "payout")
    return foldPayout(known?.kind === "payout" ? known : undefined, fact.payout, said);
  return foldTransaction(known?.kind === "transaction" ? known : undefined, fact.transaction, said);
}

/** What is known of an object from all that was said about it, in the order in which it was recorded. */
export function foldFacts(facts: readonly SaidFact[]): BalanceState | undefined {
  return facts.reduce<BalanceState | undefined>(foldFact, undefined);
}

type Said = Omit<SaidFact, "fact">;

function foldTransaction(
  known: TransactionState | undefined,
  { payout, ...fact }: BalanceTransactionFact,
  { said, source, account, livemode }: Said,
): TransactionState {
  if (known !== undefined && contradictionBetween(known.fact, fact) !== undefined) return known;
  const isLatest = isLater(said, known?.said);
  const saysPayout = payout !== undefined && isLater(said, known?.payoutSaid);
  return {
    kind: "transaction",
    source,
    account,
    livemode,
    fact: known === undefined || isLatest ? fact : known.fact,
    said: known === undefined || isLatest ? said : known.said,
    payout: saysPayout ? payout : (known?.payout ?? null),
    payoutSaid: saysPayout ? said : known?.payoutSaid,
  };
}

function foldPayout(
  known: PayoutState | undefined,
  { members, ...fact }: PayoutFact,
  { said, source, account, livemode }: Said,
): PayoutState {
  const isLatest = isLater(said, known?.said);
  const saysMembers = members !== undefined && isLater(said, known?.membersSaid);
  return {
    kind: "payout",
    source,
    account,
    livemode,
    fact: known === undefined || isLatest ? fact : known.fact,
    said: known === undefined || isLatest ? said : known.said,
    members: saysMembers ? members : known?.members,
    membersSaid: saysMembers ? said : known?.membersSaid,
  };
}

function isLater(said: SaidOrder, known: SaidOrder | undefined): boolean {
  return known === undefined || compareSaid(said, known) > 0;
}

type Amounts = Pick<BalanceTransactionFact, "gross" | "fee" | "net" | "currency" | "created">;

/** What never changes of a balance transaction, under Stripe's names. */
const fixed = { gross: "amount", fee: "fee", net: "net", currency: "currency", created: "created" } as const;

/** Why a reading of a balance transaction contradicts an earlier one; `undefined`: it does not. */
export function contradictionBetween(known: Amounts, read: Amounts): string | undefined {
  const names = ["gross", "fee", "net", "currency", "created"] as const;
  const differing = names.filter((name) => shown(known[name]) !== shown(read[name]));
  if (differing.length === 0) return undefined;
  const differences = differing.map(
    (name) => `${fixed[name]} was ${shown(known[name])} and is ${shown(read[name])}`,
  );
  return `differs from an earlier reading: ${differences.join(", ")}`;
}

/** As {@link contradictionBetween}, for two facts about one object. Of a payout the latest counts, whatever it says. */
export function contradictionIn({ fact: known }: SaidFact, { fact: other }: SaidFact): string | undefined {
  if (known.kind !== "transaction" || other.kind !== "transaction") return undefined;
  return contradictionBetween(known.transaction, other.transaction);
}

function shown(value: bigint | string | Date): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

/** The payout whose own transaction this is. */
export function ownPayoutOf({
  reportingCategory,
  sourceId,
}: Pick<BalanceTransactionFact, "reportingCategory" | "sourceId">): string | null {
  return reportingCategory === "payout" ? sourceId : null;
}

/** The moment of a transaction: when its payout arrives, if it is the own transaction of an automatic one; else `created`. */
export function momentOf({ fact }: TransactionState, payout: PayoutState | undefined): Date {
  return payout?.fact.automatic === true ? payout.fact.arrivalDate : fact.created;
}
