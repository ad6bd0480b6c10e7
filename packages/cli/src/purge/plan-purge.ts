import type { StreamExtent } from "@takings/nats";
import type { SequenceRange } from "@takings/postgres";

/** What a purge may remove: everything up to `upTo`, and what it is that keeps the next message. */
export type PurgePlan = {
  readonly upTo: number;
  /** Up to here everything on the stream is committed in the database. */
  readonly committed: number;
  readonly keptBy: "age" | "acknowledgement" | "commit" | "nothing";
};

export type PurgeState = Pick<StreamExtent, "first" | "last" | "deleted" | "ackFloor"> & {
  /** What the database says of this very stream, ascending. */
  readonly committed: readonly SequenceRange[];
  /** The first message that is still too young to go, where there is one. */
  readonly firstRecent: number | undefined;
};

/**
 * How far a stream may be purged: no further than everything is committed in the database, acknowledged by the
 * durable, and old enough. Each of the three is reason enough to keep a message. The acknowledgements alone would
 * not do, because a database that was restored from a backup has lost what had been acknowledged; nor would the
 * database alone, because it cannot know of a stream that was restored.
 */
export function planPurge(facts: PurgeState): PurgePlan {
  const committed = committedFloor(facts);
  const old = (facts.firstRecent ?? facts.last + 1) - 1;
  const upTo = Math.max(facts.first - 1, Math.min(committed, facts.ackFloor, old, facts.last));
  if (upTo >= facts.last) return { upTo, committed, keptBy: "nothing" };
  // What is not acknowledged is most often not committed either, and then it is the consumer that has to be looked at.
  if (facts.ackFloor <= upTo) return { upTo, committed, keptBy: "acknowledgement" };
  return { upTo, committed, keptBy: committed <= upTo ? "commit" : "age" };
}

/** The last sequence up to which, from the first message of the stream on, all are committed or gone already. */
function committedFloor({ first, deleted, committed }: PurgeState): number {
  const gone = deleted.map((sequence): SequenceRange => ({ first: sequence, last: sequence }));
  let floor = first - 1;
  for (const range of [...committed, ...gone].toSorted((a, b) => a.first - b.first)) {
    if (range.first > floor + 1) break;
    floor = Math.max(floor, range.last);
  }
  return floor;
}
