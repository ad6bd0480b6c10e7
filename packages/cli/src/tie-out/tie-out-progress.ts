import type { OnProgress } from "./tie-out-file.ts";

const progressIntervalMs = 2_000;

/** Reports the progress of a file on standard error, at most every two seconds. */
export function createTieOutProgress(file: string): OnProgress {
  let reportedAt = performance.now();
  return (stage, rows) => {
    if (performance.now() - reportedAt < progressIntervalMs) return;
    reportedAt = performance.now();
    process.stderr.write(`${file}: ${rows} rows ${stage}\n`);
  };
}
