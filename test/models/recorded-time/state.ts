/** A time of the clock or of a recording. */
export type Moment = number;

/** One transaction that records a batch: its progress in `begin_recording`, and the values it uses. */
export type Recording =
  | { readonly is: "not begun" }
  | { readonly is: "about to show its lock"; readonly key: Moment; readonly latest: Moment }
  | { readonly is: "showing its lock"; readonly key: Moment; readonly latest: Moment }
  | { readonly is: "dated"; readonly key: Moment; readonly recordedAt: Moment }
  | { readonly is: "ended" };

/** The progress in `safe_read_time`: what was read first, the latest time or the smallest key of a lock. */
export type SafeTimeRead = { readonly latest: Moment } | { readonly oldest: Moment } | undefined;

/** What a server has stored. */
export type Stored = {
  /** The latest committed recorded time. */
  readonly latest: Moment;
  /** The recorded time of each entry, ascending. It identifies the entry. */
  readonly ledger: readonly Moment[];
  /** What the rollup has read, what it has not read yet, and its watermark. */
  readonly rolledUp: readonly Moment[];
  readonly pending: readonly Moment[];
  readonly rollupWatermark: Moment;
};

export type State = Stored & {
  readonly clock: Moment;
  /** What the standby has, where that is less: a restart showed a commit that still waited for it. */
  readonly standby: Stored | undefined;
  /** Whether the server has not been restarted, or a recording has been replicated since. */
  readonly isReplicated: boolean;
  readonly recordings: readonly Recording[];
  readonly reader: SafeTimeRead;
  /** What a reader got: everything recorded up to a time. */
  readonly told: { readonly moment: Moment; readonly entries: readonly Moment[] } | undefined;
  /** The holder of the rollup's lock, which advances or rebuilds it. */
  readonly rollupWork:
    | { readonly task: "advance_rollup" | "rebuild_rollup"; readonly safeTimeRead: SafeTimeRead }
    | undefined;
  /** An unrelated session holds an advisory lock with a small key. */
  readonly foreignLock: boolean;
  readonly budget: Budget;
};

/** What can still happen. */
export type Budget = {
  /** The last time of the clock. */
  readonly clockEnd: Moment;
  readonly stepsBack: number;
  readonly failovers: number;
  readonly restarts: number;
  readonly foreignLocks: number;
  readonly rebuilds: number;
};

/** Times in canonical order, so that equal lists have equal JSON. */
export function ascending(moments: readonly Moment[]): readonly Moment[] {
  return moments.toSorted((a, b) => a - b);
}

/** The key of the unrelated lock. */
export const foreignKey: Moment = 0;

/** No lock is visible. */
export const noKey: Moment = 99;
