import type { Backlog } from "@takings/nats";
import type { GapCounts } from "@takings/postgres";
import type { Logger } from "@takings/runtime";
import type { ConsumerMetrics } from "./metrics.ts";

export type Watch = { stop(): void };

export type GaugeWatchDependencies<Value> = {
  readonly read: () => Promise<Value>;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
};

const backlogIntervalMs = 5_000;
const quarantineIntervalMs = 15_000;
const gapsIntervalMs = 15_000;

/** Keeps the gauges of what is still to be done up to date. */
export function watchBacklog({ read, metrics, log }: GaugeWatchDependencies<Backlog>): Watch {
  const refresh = async (): Promise<void> => {
    metrics.backlog(await read());
  };
  return every(backlogIntervalMs, refresh, (reason) => log.debug({ reason }, "backlog_unknown"));
}

/** Keeps the gauge of events about which a person has to decide up to date. */
export function watchQuarantine({ read, metrics, log }: GaugeWatchDependencies<number>): Watch {
  const refresh = async (): Promise<void> => metrics.openQuarantine(await read());
  return every(quarantineIntervalMs, refresh, (reason) => log.debug({ reason }, "quarantine_unknown"));
}

/** Keeps the gauges of what was proven and not delivered up to date. */
export function watchGaps({ read, metrics, log }: GaugeWatchDependencies<GapCounts>): Watch {
  const refresh = async (): Promise<void> => metrics.openGaps(await read());
  return every(gapsIntervalMs, refresh, (reason) => log.debug({ reason }, "gaps_unknown"));
}

function every(ms: number, refresh: () => Promise<void>, failed: (reason: string) => void): Watch {
  const attempt = (): void => {
    refresh().catch((error: unknown) => failed(error instanceof Error ? error.message : String(error)));
  };
  const timer = setInterval(attempt, ms);
  attempt();
  return { stop: () => clearInterval(timer) };
}
