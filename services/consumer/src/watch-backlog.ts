import type { Backlog } from "@takings/nats";
import type { Logger } from "@takings/runtime";
import type { ConsumerMetrics } from "./metrics.ts";

export type BacklogWatch = { stop(): void };

export type WatchDependencies = {
  readonly read: () => Promise<Backlog>;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
};

const intervalMs = 5_000;

/** Keeps the gauges of what is still to be done up to date. */
export function watchBacklog({ read, metrics, log }: WatchDependencies): BacklogWatch {
  const look = async (): Promise<void> => {
    try {
      metrics.backlog(await read());
    } catch (error) {
      log.debug({ reason: error instanceof Error ? error.message : error }, "backlog_unknown");
    }
  };
  const timer = setInterval(() => void look(), intervalMs);
  void look();
  return { stop: () => clearInterval(timer) };
}
