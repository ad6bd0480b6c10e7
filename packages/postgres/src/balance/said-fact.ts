import type { BalanceFact, EventRecord, LedgerScope } from "@takings/domain";
import { scopeKey } from "../ledger/payment-objects.ts";
import { storableBalance } from "../columns/balance-column.ts";

/** The order of a statement about an object: the later one counts. */
export type SaidOrder = {
  /** When it was said, by Stripe's clock. */
  readonly at: Date;
  /** When the stream stored it. */
  readonly receivedAt: Date;
  readonly eventId: string;
};

/** What an event states about a balance transaction or a payout, in the scope of the event. */
export type SaidFact = LedgerScope & { readonly said: SaidOrder; readonly fact: BalanceFact };

/** What an event states about the balance; empty where it states nothing. */
export function saidFacts({
  balance,
  source,
  account,
  livemode,
  created,
  receivedAt,
  eventId,
}: Pick<
  EventRecord,
  "balance" | "source" | "account" | "livemode" | "created" | "receivedAt" | "eventId"
>): readonly SaidFact[] {
  if (balance === undefined || livemode === null) return [];
  return [
    { source, account, livemode, said: { at: created, receivedAt, eventId }, fact: storableBalance(balance) },
  ];
}

/** A positive number where the first was said later than the second. Total, so the order of deliveries does not matter. */
export function compareSaid(a: SaidOrder, b: SaidOrder): number {
  return (
    a.at.getTime() - b.at.getTime() ||
    a.receivedAt.getTime() - b.receivedAt.getTime() ||
    (a.eventId === b.eventId ? 0 : a.eventId < b.eventId ? -1 : 1)
  );
}

/** A balance transaction or a payout in its scope: the key of a row. */
export type BalanceObjectKey = LedgerScope & { readonly kind: BalanceFact["kind"]; readonly id: string };

/** The object that a fact is about. */
export function objectOfFact({ source, account, livemode, fact }: SaidFact): BalanceObjectKey {
  const { kind } = fact;
  const id = fact.kind === "payout" ? fact.payout.id : fact.transaction.id;
  return { kind, id, source, account, livemode };
}

/** Identifies an object across kinds and scopes. */
export function balanceKey({ kind, id, ...scope }: BalanceObjectKey): string {
  return `${kind} ${id} ${scopeKey(scope)}`;
}
