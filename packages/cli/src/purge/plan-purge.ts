import type { StreamExtent } from "@takings/nats";
import type { SequenceRange } from "@takings/postgres";

/** What a purge may remove: everything up to `upTo`, and why the next message is kept. */
export type PurgePlan = {
  readonly upTo: number;
  /** Everything on the stream up to this sequence is committed in the database. */
  readonly committed: number;
  readonly keptBy: "age" | "acknowledgement" | "commit" | "nothing";
};

/** What a plan depends on. */
export type PurgeState = Pick<StreamExtent, "first" | "last" | "deleted" | "ackFloor"> & {
  /** The sequences of this stream that the database has committed, ascending. */
  readonly committed: readonly SequenceRange[];
  /** The first message that is too recent to be removed, if there is one. */
  readonly firstRecent: number | undefined;
};

/**
 * How far a stream may be purged: no further than everything is committed in the database, acknowledged by the durable
 * consumer, and old enough. Acknowledgements alone are not enough, because a database restored from a backup has lost
 * events that were acknowledged; nor is the database alone, because it does not show that a stream was restored.
 */
export function planPurge(state: PurgeState): PurgePlan {
  const committed = committedFloor(state);
  const old = (state.firstRecent ?? state.last + 1) - 1;
  const upTo = Math.max(state.first - 1, Math.min(committed, state.ackFloor, old, state.last));
  if (upTo >= state.last) return { upTo, committed, keptBy: "nothing" };
  // An event that is not acknowledged is usually not committed either; the cause is then the consumer.
  if (state.ackFloor <= upTo) return { upTo, committed, keptBy: "acknowledgement" };
  return { upTo, committed, keptBy: committed <= upTo ? "commit" : "age" };
}

/** The last sequence up to which all messages, from the first of the stream, are committed or already deleted. */
function committedFloor({ first, deleted, committed }: PurgeState): number {
  const deletedRanges = deleted.map((sequence): SequenceRange => ({ first: sequence, last: sequence }));
  let floor = first - 1;
  for (const range of [...committed, ...deletedRanges].toSorted((a, b) => a.first - b.first)) {
    if (range.first > floor + 1) break;
    floor = Math.max(floor, range.last);
  }
  return floor;
}
