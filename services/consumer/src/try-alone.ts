import type { Arrival, TrialJournal } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import { toUnparsedRecord } from "@takings/wire";
import { arrivalOf, messageOf, type Reader } from "./arrival.ts";
import { type FailedEvent, namedFor } from "./report-outcomes.ts";

export type TrialDependencies = {
  readonly read: Reader;
  readonly trials: TrialJournal;
  readonly stopping: AbortSignal;
  /** Commits these records and acknowledges their deliveries. */
  readonly commit: (group: readonly Delivery[], records: readonly Arrival[]) => Promise<void>;
  /** Repeats until it is done; `undefined` when it is time to stop. */
  readonly persist: <T>(work: () => Promise<T>, events: readonly FailedEvent[]) => Promise<T | undefined>;
};

/** Delivered this often and never acknowledged, an event may be what ended the process that had it. */
const suspectFrom = 3;
/** So often must a process have ended while it was at work on this one event and on nothing else. */
const convictFrom = 3;

/** Whether a delivery has come too often to be put among others. */
export function isSuspect({ deliveryCount }: Delivery): boolean {
  return deliveryCount >= suspectFrom;
}

/**
 * Settles suspects one by one. A count of deliveries proves nothing against one event: its neighbours share it, and
 * whoever restarts consumers while the database is away raises it too. So each trial is noted before it begins, in a
 * commit of its own, and struck off when the process lives through it; only what has ended the process again and again
 * is set aside unparsed. The least tried go first, so that the innocent are through before the guilty is tried again.
 */
export async function tryAlone(
  suspects: readonly Delivery[],
  dependencies: TrialDependencies,
): Promise<void> {
  if (suspects.length === 0) return;
  const { trials, persist, stopping } = dependencies;
  const positions = suspects.map(({ position }) => position);
  const unended = await persist(() => trials.unended(positions), suspects.map(named));
  if (unended === undefined) return;
  const leastTriedFirst = suspects
    .map((suspect, index) => ({ suspect, tried: unended[index] ?? 0 }))
    .toSorted((a, b) => a.tried - b.tried);
  for (const { suspect, tried } of leastTriedFirst) {
    if (stopping.aborted) return;
    if (tried >= convictFrom) await setAside(suspect, tried, dependencies);
    else await tryOne(suspect, dependencies);
  }
}

async function tryOne(suspect: Delivery, dependencies: TrialDependencies): Promise<void> {
  const { read, trials, commit, persist } = dependencies;
  const begun = await persist(async () => {
    await trials.begin(suspect.position);
    return true;
  }, [named(suspect)]);
  if (begun === undefined) return;
  const record = arrivalOf(suspect, read);
  await persist(async () => {
    try {
      await commit([suspect], [record]);
    } finally {
      // We are still alive, so it was not this event. Where the store is away, the next attempt strikes it off.
      await trials.end(suspect.position).catch(() => {});
    }
  }, [namedFor(record, suspect)]);
}

async function setAside(suspect: Delivery, tried: number, dependencies: TrialDependencies): Promise<void> {
  const why = `the process ended ${tried} times while it worked on this event alone`;
  const record = { ...toUnparsedRecord(messageOf(suspect), why), position: suspect.position };
  await dependencies.persist(() => dependencies.commit([suspect], [record]), [namedFor(record, suspect)]);
}

/** Its names without a look into its body. */
function named(suspect: Delivery): FailedEvent {
  return namedFor(toUnparsedRecord(messageOf(suspect), "suspect"), suspect);
}
