/** A moment of the clock or of recorded time. */
export type Moment = number;

/** One transaction that records a batch: how far it is in `begin_recording`, and what it goes by. */
export type Recording =
  | { readonly is: "not begun" }
  | { readonly is: "about to show its lock"; readonly key: Moment; readonly latest: Moment }
  | { readonly is: "showing its lock"; readonly key: Moment; readonly latest: Moment }
  | { readonly is: "dated"; readonly key: Moment; readonly recordedAt: Moment }
  | { readonly is: "ended" };

/** How far someone is in `safe_read_time`: what was read first, the latest time or the smallest key of a lock. */
export type SafeTimeRead = { readonly latest: Moment } | { readonly oldest: Moment } | undefined;

export type State = {
  readonly clock: Moment;
  /** The latest recorded time that is committed. */
  readonly latest: Moment;
  /** When each entry was recorded, ascending. An entry is known by that alone. */
  readonly ledger: readonly Moment[];
  /** What the rollup has read, what it has still to read, and up to when it has read. */
  readonly rolledUp: readonly Moment[];
  readonly pending: readonly Moment[];
  readonly rollupWatermark: Moment;
  readonly recordings: readonly Recording[];
  readonly reader: SafeTimeRead;
  /** What a reader was told: all that was recorded up to a moment. */
  readonly told: { readonly moment: Moment; readonly entries: readonly Moment[] } | undefined;
  /** Whoever holds the rollup's lock: to advance it, or to make it anew. */
  readonly rollupWork:
    | { readonly task: "advance_rollup" | "rebuild_rollup"; readonly safeTimeRead: SafeTimeRead }
    | undefined;
  /** A session that has nothing to do with recordings holds an advisory lock with a small key. */
  readonly foreignLock: boolean;
  readonly budget: Budget;
};

/** What may still happen. */
export type Budget = {
  /** The clock goes no further. */
  readonly clockEnd: Moment;
  readonly stepsBack: number;
  readonly failovers: number;
  readonly foreignLocks: number;
  readonly rebuilds: number;
};

/** Moments in the order that makes equal lists equal texts. */
export function ascending(moments: readonly Moment[]): readonly Moment[] {
  return moments.toSorted((a, b) => a - b);
}

/** The key that the foreign lock has. */
export const foreignKey: Moment = 0;

/** No lock is to be seen. */
export const noKey: Moment = 99;
