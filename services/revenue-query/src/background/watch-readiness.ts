import { createPeriodicCheck } from "@takings/runtime";

/** Watches whether queries can be served. */
export type ReadinessWatch = {
  /** Why queries cannot be served, by the last probe, or `undefined` when they can. */
  readonly fault: () => string | undefined;
  readonly stop: () => void;
};

/** What {@link watchReadiness} depends on. */
export type ReadinessOptions = {
  /** Rejects when queries cannot be served. */
  readonly probe: () => Promise<unknown>;
  /** Called with the result of the first probe, and when readiness is gained or lost. */
  readonly onChange: (fault: string | undefined) => void;
};

const intervalMs = 2_000;

/** Probes at once and then periodically; not ready until the first probe has succeeded. */
export function watchReadiness({ probe, onChange }: ReadinessOptions): ReadinessWatch {
  let fault: string | undefined = "starting: the database has not been reached yet";
  let wasReady: boolean | undefined;
  const update = (found: string | undefined): void => {
    fault = found;
    const isReady = found === undefined;
    if (isReady !== wasReady) onChange(found);
    wasReady = isReady;
  };
  const check = createPeriodicCheck({
    check: probe,
    intervalMs,
    onSuccess: () => update(undefined),
    onFailure: update,
  });
  check.start();
  return { fault: () => fault, stop: check.stop };
}
