import type { Backlog } from "@takings/nats";
import type { GapCounts, QuarantineCount } from "@takings/postgres";
import { type CheckOptions, createPeriodicCheck, type Logger } from "@takings/runtime";
import type { ConsumerMetrics } from "./metrics.ts";

/** A running update of gauges. */
export type GaugeWatch = { stop(): void };

/** How a gauge's value is read, and where it is reported. */
export type GaugeWatchDependencies<Value> = {
  readonly read: () => Promise<Value>;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
};

const backlogIntervalMs = 5_000;
const quarantineIntervalMs = 15_000;
const gapsIntervalMs = 15_000;

/** Keeps the gauges of the stream's backlog up to date; they keep their values while it cannot be read. */
export function watchBacklog({ read, metrics, log }: GaugeWatchDependencies<Backlog>): GaugeWatch {
  return start({
    check: read,
    intervalMs: backlogIntervalMs,
    onSuccess: metrics.backlog,
    onFailure: (reason) => log.debug({ reason }, "backlog_unknown"),
  });
}

/** Keeps the gauges of quarantined events that await a decision up to date. */
export function watchQuarantine({
  read,
  metrics,
  log,
}: GaugeWatchDependencies<readonly QuarantineCount[]>): GaugeWatch {
  return start({
    check: read,
    intervalMs: quarantineIntervalMs,
    onSuccess: metrics.openQuarantine,
    onFailure: (reason) => log.debug({ reason }, "quarantine_unknown"),
  });
}

/** Keeps the gauges of open gaps up to date. */
export function watchGaps({ read, metrics, log }: GaugeWatchDependencies<readonly GapCounts[]>): GaugeWatch {
  return start({
    check: read,
    intervalMs: gapsIntervalMs,
    onSuccess: metrics.openGaps,
    onFailure: (reason) => log.debug({ reason }, "gaps_unknown"),
  });
}

function start<Value>(options: CheckOptions<Value>): GaugeWatch {
  const check = createPeriodicCheck(options);
  check.start();
  return check;
}
