import type { PaymentReader } from "@takings/domain";
import { createPeriodicCheck, type Logger, type Metrics } from "@takings/runtime";
import { createReconciliationMetrics } from "../metrics.ts";

/** A running update of the gauges. */
export type ReconciliationWatch = { stop(): void };

type WatchDependencies = {
  readonly read: PaymentReader["reconciliations"];
  readonly metrics: Metrics;
  readonly log: Logger;
};

const intervalMs = 15_000;

/** Keeps the gauges of `takings reconcile` up to date. They have no series until a run has finished. */
export function watchReconciliations({ read, metrics, log }: WatchDependencies): ReconciliationWatch {
  const check = createPeriodicCheck({
    check: read,
    intervalMs,
    onSuccess: createReconciliationMetrics(metrics),
    onFailure: (reason) => log.debug({ reason }, "reconciliation_unknown"),
  });
  check.start();
  return { stop: check.stop };
}
