import {
  type ScopedFacts,
  deriveLedger,
  differenceBetween,
  type LedgerDifference,
  type Moment,
  mergeDifferences,
} from "@takings/domain";
import type { ClientBase } from "pg";
import { beginRecording } from "../record/recorded-time.ts";
import type { GatheredPayments } from "./gather-facts.ts";
import { lockAndGather } from "./lock-and-gather.ts";
import { groupByScope, groupObjects } from "./scoped-facts.ts";
import { scopeKey } from "./payment-objects.ts";
import { writeGaps } from "./write-gaps.ts";
import { writeLedger } from "./write-ledger.ts";

/** The facts that begin to count, and those that stop counting. */
export type FactsChange = {
  readonly entering: readonly ScopedFacts[];
  readonly leaving?: readonly ScopedFacts[];
};

/**
 * Changes which events count, and the ledger with them, in the client's open transaction: it locks the payments of the
 * events, lets `apply` write the events, derives the ledger of these payments before and after, and writes the
 * difference. Everything gets the recorded time that `apply` is given. It is taken after the locks, so it is later than
 * everything that was recorded about these payments before.
 * @param affectedFacts the facts of all events that may begin or stop to count.
 * @throws RestartTransactionError when two payments were merged meanwhile.
 */
export async function changePayments(
  client: ClientBase,
  affectedFacts: readonly ScopedFacts[],
  apply: (recordedAt: Moment) => Promise<FactsChange>,
): Promise<LedgerDifference> {
  const groups = groupObjects(affectedFacts);
  const known = groups.length === 0 ? nothing : await lockAndGather(client, groups);
  const recordedAt = await beginRecording(client);
  const { entering, leaving = [] } = await apply(recordedAt);
  const difference = derivedDifference(known.facts, entering, leaving);
  await writeLedger(client, difference, recordedAt);
  await writeGaps(client, difference);
  return difference;
}

const nothing: GatheredPayments = { roots: new Map(), facts: [] };

function derivedDifference(
  known: readonly ScopedFacts[],
  entering: readonly ScopedFacts[],
  leaving: readonly ScopedFacts[],
): LedgerDifference {
  const gone = new Set(leaving.map(keyOfFacts));
  const after = [...known.filter((one) => !gone.has(keyOfFacts(one))), ...entering];
  const [before, present] = [groupByScope(known), groupByScope(after)];
  return mergeDifferences(
    [...new Map([...before, ...present])].map(([key, { scope }]) =>
      differenceBetween(
        deriveLedger(before.get(key)?.facts ?? []),
        deriveLedger(present.get(key)?.facts ?? []),
        scope,
      ),
    ),
  );
}

function keyOfFacts({ facts, ...scope }: ScopedFacts): string {
  return `${facts.eventId} ${scopeKey(scope)}`;
}
