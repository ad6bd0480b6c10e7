import type { PositionedRecord, IsolationLog } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import { toUnparsedRecord } from "@takings/wire";
import { toPositionedRecord, messageOf, type Reader } from "./positioned-record.ts";
import { type FailedEvent, toFailedEvent, unreadEvent } from "./report-outcomes.ts";

/** What {@link isolateSuspects} depends on. */
export type IsolationDependencies = {
  readonly read: Reader;
  readonly isolationLog: IsolationLog;
  readonly stopping: AbortSignal;
  /** Commits these records and acknowledges their deliveries. */
  readonly commit: (group: readonly Delivery[], records: readonly PositionedRecord[]) => Promise<void>;
  /** Repeats the work until it succeeds; `undefined` when the service is stopping. `events` are reported if it fails. */
  readonly persist: <T>(
    work: () => Promise<T>,
    events: () => readonly FailedEvent[],
  ) => Promise<T | undefined>;
};

/** An event that was delivered this often and never acknowledged may be what crashed the process. */
const suspectAfterDeliveries = 3;
/** An event is quarantined after this many crashes while a process was working on it alone. */
const quarantineAfterCrashes = 3;

/** Whether an event was delivered too often to be committed together with others. */
export function isSuspect({ deliveryCount }: Delivery): boolean {
  return deliveryCount >= suspectAfterDeliveries;
}

/**
 * Settles suspects one by one. A delivery count is no evidence against one event: the rest of its batch has the same count,
 * and restarts while the database is away raise it too. So each attempt is logged before it begins, in a separate commit,
 * and removed when the process survives it; only an event that crashed the process repeatedly is quarantined unparsed.
 * Suspects with the fewest attempts go first, so that the others are committed before the process can crash again.
 */
export async function isolateSuspects(
  suspects: readonly Delivery[],
  dependencies: IsolationDependencies,
): Promise<void> {
  if (suspects.length === 0) return;
  const { isolationLog, persist, stopping } = dependencies;
  const positions = suspects.map(({ position }) => position);
  const unfinished = await persist(
    () => isolationLog.unfinished(positions),
    () => suspects.map(unreadEvent),
  );
  if (unfinished === undefined) return;
  const fewestAttemptsFirst = suspects
    .map((suspect, index) => ({ suspect, attempts: unfinished[index] ?? 0 }))
    .toSorted((a, b) => a.attempts - b.attempts);
  for (const { suspect, attempts } of fewestAttemptsFirst) {
    if (stopping.aborted) return;
    if (attempts >= quarantineAfterCrashes) await quarantineUnparsed(suspect, attempts, dependencies);
    else await isolateOne(suspect, dependencies);
  }
}

async function isolateOne(suspect: Delivery, dependencies: IsolationDependencies): Promise<void> {
  const { read, isolationLog, commit, persist } = dependencies;
  const begun = await persist(
    async () => {
      await isolationLog.begin(suspect.position);
      return true;
    },
    () => [unreadEvent(suspect)],
  );
  if (begun === undefined) return;
  const record = toPositionedRecord(suspect, read);
  await persist(
    async () => {
      try {
        await commit([suspect], [record]);
      } finally {
        // The process is alive, so it was not this event. While the database is away, the next attempt removes it.
        await isolationLog.end(suspect.position).catch(() => {});
      }
    },
    () => [toFailedEvent(record, suspect)],
  );
}

async function quarantineUnparsed(
  suspect: Delivery,
  attempts: number,
  dependencies: IsolationDependencies,
): Promise<void> {
  const why = `the process ended ${attempts} times while it worked on this event alone`;
  const record = { ...toUnparsedRecord(messageOf(suspect), why), position: suspect.position };
  await dependencies.persist(
    () => dependencies.commit([suspect], [record]),
    () => [toFailedEvent(record, suspect)],
  );
}
