/** What the functions of the database do where the model lets them differ. */
export type Rules = {
  /** What a recording is dated by: the clock, or the greatest of clock, own key + 1 and everything committed + 1. */
  readonly recordedAt: "clock" | "after everything committed";
  /** Whether a recording looks what is committed once more when its lock can be seen, or goes by its first look. */
  readonly floorIsReadAgain: boolean;
  /** What a reader is told, locks aside: the clock, or the latest recorded time that is committed. */
  readonly safeTimeFrom: "clock" | "latest committed";
  /** Whether a reader looks at the locks after it has read that, or before. */
  readonly locksAreRead: "after" | "before";
  /** Whose locks hold back what a reader is told. */
  readonly locksOf: "anyone" | "writers";
  /** Whether `rebuild` may take the rollup's moment back. */
  readonly rebuildGoesBack: boolean;
};

/** The rules before the faults D3 and D4 were mended. */
export const formerRules: Rules = {
  recordedAt: "clock",
  floorIsReadAgain: false,
  safeTimeFrom: "clock",
  locksAreRead: "after",
  locksOf: "anyone",
  rebuildGoesBack: true,
};

/** The rules of the code. */
export const rules: Rules = {
  recordedAt: "after everything committed",
  floorIsReadAgain: true,
  safeTimeFrom: "latest committed",
  locksAreRead: "after",
  locksOf: "writers",
  rebuildGoesBack: false,
};
