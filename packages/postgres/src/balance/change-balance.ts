import { isDeepStrictEqual } from "node:util";
import type { Moment } from "@takings/domain";
import type { ClientBase } from "pg";
import type { StoredTransaction } from "./balance-rows.ts";
import {
  type BalanceState,
  foldFact,
  foldFacts,
  momentOf,
  ownPayoutOf,
  type PayoutState,
  type TransactionState,
} from "./fold.ts";
import { idInSource, keyOfFact, type LockedBalance, readPayouts } from "./lock-balance.ts";
import { readSaidFacts } from "./read-said-facts.ts";
import { type BalanceObjectKey, balanceKey, objectOfFact, type SaidFact } from "./said-fact.ts";
import { type RowChange, writePayouts, writeTransactions } from "./write-balance.ts";

/** The facts that begin to count, and those that stop counting. */
export type BalanceChange = {
  readonly entering: readonly SaidFact[];
  readonly leaving?: readonly SaidFact[];
};

/** What is known of objects from now on, by {@link balanceKey key}; `undefined`: nothing any more. */
type States = Map<string, BalanceState | undefined>;

/**
 * Changes what is known about the balance, in the client's open transaction, after the events were written.
 * @param locked what was locked for all of these facts before the recording began: with `lockWholeBalance` where facts
 * leave, because an object that a fact leaves is derived again from all of its events.
 * @returns how many balance transactions and payouts were inserted, changed or retracted.
 * @throws RestartTransactionError when another session has inserted one of them meanwhile.
 */
export async function changeBalance(
  client: ClientBase,
  locked: LockedBalance,
  { entering, leaving = [] }: BalanceChange,
  recordedAt: Moment,
): Promise<number> {
  if (leaving.length > 0)
    return deriveBalanceAgain(client, locked, [...leaving, ...entering].map(objectOfFact), recordedAt);
  const states: States = new Map();
  for (const fact of entering) {
    const key = keyOfFact(fact);
    const known = states.get(key) ?? locked.transactions.get(key) ?? locked.payouts.get(key);
    states.set(key, foldFact(known, fact));
  }
  return states.size === 0 ? 0 : writeStates(client, locked, states, recordedAt);
}

/** As {@link changeBalance}: derives what is known about these objects again from all of their events. */
export async function deriveBalanceAgain(
  client: ClientBase,
  locked: LockedBalance,
  objects: readonly BalanceObjectKey[],
  recordedAt: Moment,
): Promise<number> {
  const said = await readSaidFacts(client, objects);
  const states = said.entries().map(([key, facts]) => [key, foldFacts(facts)] as const);
  return writeStates(client, locked, new Map(states), recordedAt);
}

async function writeStates(
  client: ClientBase,
  locked: LockedBalance,
  states: States,
  recordedAt: Moment,
): Promise<number> {
  const payouts = changedPayouts(locked, states);
  await writePayouts(client, payouts, recordedAt);
  const transactions = await changedTransactions(client, locked, states);
  await writeTransactions(client, transactions, recordedAt);
  return payouts.length + transactions.length;
}

function changedPayouts({ payouts }: LockedBalance, states: States): readonly RowChange<PayoutState>[] {
  return [...states].flatMap(([key, after]) => {
    const before = payouts.get(key);
    if (after?.kind === "transaction" || isDeepStrictEqual(before, after)) return [];
    return [{ before, after }];
  });
}

async function changedTransactions(
  client: ClientBase,
  locked: LockedBalance,
  states: States,
): Promise<readonly RowChange<StoredTransaction>[]> {
  const touched = new Map<string, TransactionState | undefined>(locked.transactions);
  for (const [key, state] of states)
    if (state?.kind === "transaction" || locked.transactions.has(key))
      touched.set(key, state as TransactionState);
  const payouts = await payoutsNow(client, locked, states, [...touched.values()]);
  return [...touched].flatMap(([key, state]) => {
    const before = locked.transactions.get(key);
    const after = state && { ...state, effectiveAt: effectiveAtOf(state, before, locked, payouts) };
    return isDeepStrictEqual(before, after) ? [] : [{ before, after }];
  });
}

/** The moment. A payout that is not locked cannot have become the payout of this transaction: its moment stays. */
function effectiveAtOf(
  state: TransactionState,
  before: StoredTransaction | undefined,
  { isPayoutLocked }: LockedBalance,
  payouts: ReadonlyMap<string, BalanceState | undefined>,
): Date {
  const own = ownPayoutOf(state.fact);
  if (own === null) return state.fact.created;
  const { source, account, livemode } = state;
  if (before !== undefined && !isPayoutLocked({ source, id: own })) return before.effectiveAt;
  const payout = payouts.get(balanceKey({ kind: "payout", id: own, source, account, livemode }));
  return momentOf(state, payout?.kind === "payout" ? payout : undefined);
}

/** The payouts whose own transactions these are, as far as they are locked, as they are known from now on. */
async function payoutsNow(
  client: ClientBase,
  { payouts, payoutIds, isPayoutLocked }: LockedBalance,
  states: States,
  transactions: readonly (TransactionState | undefined)[],
): Promise<ReadonlyMap<string, BalanceState | undefined>> {
  const own = transactions.flatMap((one) => {
    const id = one === undefined ? null : ownPayoutOf(one.fact);
    return one === undefined || id === null ? [] : [{ source: one.source, id }];
  });
  const further = own.filter((payout) => isPayoutLocked(payout) && !payoutIds.has(idInSource(payout)));
  return new Map([...(await readPayouts(client, further)), ...payouts, ...states]);
}
