import {
  type BookedFacts,
  deriveLedger,
  differenceBetween,
  type LedgerDifference,
  type Moment,
  together,
} from "@takings/domain";
import type { ClientBase } from "pg";
import { beginRecording } from "./begin-recording.ts";
import { byBooks } from "./booked-facts.ts";
import type { GatheredPayments } from "./gather-facts.ts";
import { lockAndGather } from "./lock-and-gather.ts";
import { groupObjects } from "./object-groups.ts";
import { booksKey } from "./payment-object.ts";
import { writeGaps } from "./write-gaps.ts";
import { writeLedger } from "./write-ledger.ts";

/** Which events' facts begin to count, and which count no more. */
export type FactsChange = {
  readonly entering: readonly BookedFacts[];
  readonly leaving?: readonly BookedFacts[];
};

/**
 * Changes which events count, and the ledger with it, in the client's open transaction: it locks the payments that the
 * events speak of, lets `apply` write the events, derives the ledger of these payments before and after, and writes the
 * difference. Everything bears the time that `apply` is given: as it is taken after the locks, it is later than
 * everything that was recorded of these payments before.
 * @param spoken the facts of all events that may enter or leave.
 * @throws BeginAgainError where two payments were found to be one meanwhile.
 */
export async function changePayments(
  client: ClientBase,
  spoken: readonly BookedFacts[],
  apply: (recordedAt: Moment) => Promise<FactsChange>,
): Promise<LedgerDifference> {
  const groups = groupObjects(spoken);
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
  known: readonly BookedFacts[],
  entering: readonly BookedFacts[],
  leaving: readonly BookedFacts[],
): LedgerDifference {
  const gone = new Set(leaving.map(keyOfFacts));
  const after = [...known.filter((one) => !gone.has(keyOfFacts(one))), ...entering];
  const [before, present] = [byBooks(known), byBooks(after)];
  return together(
    [...new Map([...before, ...present])].map(([key, { books }]) =>
      differenceBetween(
        deriveLedger(before.get(key)?.facts ?? []),
        deriveLedger(present.get(key)?.facts ?? []),
        books,
      ),
    ),
  );
}

function keyOfFacts({ facts, ...books }: BookedFacts): string {
  return `${facts.eventId} ${booksKey(books)}`;
}
