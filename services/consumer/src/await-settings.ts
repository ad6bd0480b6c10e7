import { type Logger, pause } from "@takings/runtime";

/** What {@link createSettingsWait} depends on. */
export type SettingsWaitDependencies = {
  /** Whether the settings may yet say something about a source. */
  readonly mayStillName: (source: string) => boolean;
  readonly stopping: AbortSignal;
  readonly log: Logger;
  /** How long to wait for a source. */
  readonly maxWaitMs?: number;
};

/** A changed file that is mounted reaches the pods of a cluster at different times; ingress may serve a source first. */
const defaultMaxWaitMs = 10_000;
const pauseMs = 250;

/**
 * Returns a function that waits until the file of sources names these sources, but only so long, and once for each source:
 * the first event of a source that was just added must be counted with its account. It resolves with `false` when the
 * service is stopping.
 */
export function createSettingsWait({
  mayStillName,
  stopping,
  log,
  maxWaitMs = defaultMaxWaitMs,
}: SettingsWaitDependencies): (sources: readonly string[]) => Promise<boolean> {
  const awaited = new Set<string>();
  return async (sources) => {
    const missing = (): readonly string[] =>
      sources.filter((source) => !awaited.has(source) && mayStillName(source));
    const deadline = performance.now() + maxWaitMs;
    while (missing().length > 0 && performance.now() < deadline && !stopping.aborted)
      await pause(pauseMs, stopping);
    if (stopping.aborted) return false;
    for (const source of missing()) {
      log.warn({ source }, "source_not_in_file");
      awaited.add(source);
    }
    return true;
  };
}
