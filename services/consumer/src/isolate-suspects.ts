import type { PositionedRecord, IsolationLog } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import { toUnparsedRecord } from "@takings/wire";
import { toPositionedRecord, messageOf, type Reader } from "./positioned-record.ts";
import { type FailedEvent, toFailedEvent } from "./report-outcomes.ts";

export type IsolationDependencies = {
  readonly read: Reader;
  readonly isolationLog: IsolationLog;
  readonly stopping: AbortSignal;
  /** Commits these records and acknowledges their deliveries. */
  readonly commit: (group: readonly Delivery[], records: readonly PositionedRecord[]) => Promise<void>;
  /** Repeats until it is done; `undefined` when it is time to stop. */
  readonly persist: <T>(work: () => Promise<T>, events: readonly FailedEvent[]) => Promise<T | undefined>;
};

/** Delivered this often and never acknowledged, an event may be what ended the process that had it. */
const suspectAfterDeliveries = 3;
/** So often must a process have ended while it was at work on this one event and on nothing else. */
const quarantineAfterCrashes = 3;

/** Whether a delivery has come too often to be put among others. */
export function isSuspect({ deliveryCount }: Delivery): boolean {
  return deliveryCount >= suspectAfterDeliveries;
}

/**
 * Settles suspects one by one. A count of deliveries proves nothing against one event: its neighbours share it, and
 * whoever restarts consumers while the database is away raises it too. So each trial is noted before it begins, in a
 * commit of its own, and struck off when the process lives through it; only what has ended the process again and again
 * is set aside unparsed. The least tried go first, so that the innocent are through before the guilty is tried again.
 */
export async function isolateSuspects(
  suspects: readonly Delivery[],
  dependencies: IsolationDependencies,
): Promise<void> {
  if (suspects.length === 0) return;
  const { isolationLog, persist, stopping } = dependencies;
  const positions = suspects.map(({ position }) => position);
  const unfinished = await persist(() => isolationLog.unfinished(positions), suspects.map(suspectEvent));
  if (unfinished === undefined) return;
  const fewestAttemptsFirst = suspects
    .map((suspect, index) => ({ suspect, tried: unfinished[index] ?? 0 }))
    .toSorted((a, b) => a.tried - b.tried);
  for (const { suspect, tried } of fewestAttemptsFirst) {
    if (stopping.aborted) return;
    if (tried >= quarantineAfterCrashes) await quarantineUnparsed(suspect, tried, dependencies);
    else await isolateOne(suspect, dependencies);
  }
}

async function isolateOne(suspect: Delivery, dependencies: IsolationDependencies): Promise<void> {
  const { read, isolationLog, commit, persist } = dependencies;
  const begun = await persist(async () => {
    await isolationLog.begin(suspect.position);
    return true;
  }, [suspectEvent(suspect)]);
  if (begun === undefined) return;
  const record = toPositionedRecord(suspect, read);
  await persist(async () => {
    try {
      await commit([suspect], [record]);
    } finally {
      // We are still alive, so it was not this event. Where the store is away, the next attempt strikes it off.
      await isolationLog.end(suspect.position).catch(() => {});
    }
  }, [toFailedEvent(record, suspect)]);
}

async function quarantineUnparsed(
  suspect: Delivery,
  tried: number,
  dependencies: IsolationDependencies,
): Promise<void> {
  const why = `the process ended ${tried} times while it worked on this event alone`;
  const record = { ...toUnparsedRecord(messageOf(suspect), why), position: suspect.position };
  await dependencies.persist(
    () => dependencies.commit([suspect], [record]),
    [toFailedEvent(record, suspect)],
  );
}

/** Its names without a look into its body. */
function suspectEvent(suspect: Delivery): FailedEvent {
  return toFailedEvent(toUnparsedRecord(messageOf(suspect), "suspect"), suspect);
}
