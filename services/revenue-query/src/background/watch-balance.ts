import type { BalanceState } from "@takings/postgres";
import { createPeriodicCheck, type Logger, type Metrics } from "@takings/runtime";
import { createBalanceMetrics } from "../metrics.ts";

/** A running update of the gauges. */
export type BalanceWatch = { stop(): void };

type WatchDependencies = {
  readonly read: () => Promise<BalanceState>;
  readonly metrics: Metrics;
  readonly log: Logger;
};

const intervalMs = 60_000;

/** Keeps the gauges of the balance ledger up to date. They have no series until `takings balance sync` has begun. */
export function watchBalance({ read, metrics, log }: WatchDependencies): BalanceWatch {
  const check = createPeriodicCheck({
    check: read,
    intervalMs,
    onSuccess: createBalanceMetrics(metrics),
    onFailure: (reason) => log.debug({ reason }, "balance_unknown"),
  });
  check.start();
  return { stop: check.stop };
}
