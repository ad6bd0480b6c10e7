/** The variants of the database functions that the model compares. */
export type Rules = {
  /** The time of a recording: the clock, or the maximum of clock, own key + 1 and latest committed + 1. */
  readonly recordedAt: "clock" | "after everything committed";
  /** Whether a recording reads the committed time again after taking its lock, or uses its first read. */
  readonly floorIsReadAgain: boolean;
  /** The safe read time without locks: the clock, or the latest committed recorded time. */
  readonly safeTimeFrom: "clock" | "latest committed";
  /** Whether a reader checks the locks after reading that, or before. */
  readonly locksAreRead: "after" | "before";
  /** Which locks limit the safe read time. */
  readonly locksOf: "anyone" | "writers";
  /** When readers are told a time after a restart: at once, or once a recording has been replicated. */
  readonly toldAfterRestart: "at once" | "once replicated";
  /** Whether `rebuild` may move the rollup's watermark back. */
  readonly rebuildGoesBack: boolean;
};

/** The rules before the faults D3 and D4 were fixed. */
export const formerRules: Rules = {
  recordedAt: "clock",
  floorIsReadAgain: false,
  safeTimeFrom: "clock",
  locksAreRead: "after",
  locksOf: "anyone",
  toldAfterRestart: "at once",
  rebuildGoesBack: true,
};

/** The rules of the code. */
export const rules: Rules = {
  recordedAt: "after everything committed",
  floorIsReadAgain: true,
  safeTimeFrom: "latest committed",
  locksAreRead: "after",
  locksOf: "writers",
  toldAfterRestart: "once replicated",
  rebuildGoesBack: false,
};
