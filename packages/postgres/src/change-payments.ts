import {
  type ScopedFacts,
  deriveLedger,
  differenceBetween,
  type LedgerDifference,
  type Moment,
  mergeDifferences,
} from "@takings/domain";
import type { ClientBase } from "pg";
import { beginRecording } from "./begin-recording.ts";
import { groupByScope } from "./scoped-facts.ts";
import type { GatheredPayments } from "./gather-facts.ts";
import { lockAndGather } from "./lock-and-gather.ts";
import { groupObjects } from "./object-groups.ts";
import { scopeKey } from "./payment-object.ts";
import { writeGaps } from "./write-gaps.ts";
import { writeLedger } from "./write-ledger.ts";

/** Which events' facts begin to count, and which count no more. */
export type FactsChange = {
  readonly entering: readonly ScopedFacts[];
  readonly leaving?: readonly ScopedFacts[];
};

/**
 * Changes which events count, and the ledger with it, in the client's open transaction: it locks the payments that the
 * events speak of, lets `apply` write the events, derives the ledger of these payments before and after, and writes the
 * difference. Everything bears the time that `apply` is given: as it is taken after the locks, it is later than
 * everything that was recorded of these payments before.
 * @param affectedFacts the facts of all events that may enter or leave.
 * @throws RestartTransactionError where two payments were found to be one meanwhile.
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
