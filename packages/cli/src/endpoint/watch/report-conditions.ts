import type { Condition } from "@takings/endpoint";
import type { Logger } from "@takings/runtime";
import type { ClusterEvent } from "../kubernetes/event-recorder.ts";
import type { WatchMetrics } from "./metrics.ts";

/** Where conditions are reported. */
export type ReportOptions = {
  /** The source whose endpoint it is. */
  readonly source: string;
  readonly metrics: WatchMetrics;
  /** Creates an Event in the cluster; outside a cluster there is none. */
  readonly record?: ((event: ClusterEvent) => Promise<void>) | undefined;
  readonly log: Logger;
};

/** Reports the conditions of each check. */
export type ReportConditions = (conditions: readonly Condition[]) => Promise<void>;

/**
 * Creates the report: each condition is a metric at each check, and an Event and a log line when it changes. At the start
 * the conditions that do not hold count as changed. An Event that cannot be created is said in the log, and no reason to
 * stop.
 */
export function createConditionReport({ source, metrics, record, log }: ReportOptions): ReportConditions {
  const reported = new Map<string, boolean>();

  const recordChange = async ({ name, holds, reason, message }: Condition): Promise<void> => {
    const type = holds ? "Normal" : "Warning";
    await record?.({ type, reason, message: `${name}: ${message}` }).catch((error: unknown) => {
      log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        "endpoint_event_not_recorded",
      );
    });
  };
  return async (conditions) => {
    for (const condition of conditions) {
      const { name, holds, reason, message } = condition;
      metrics.condition(name, holds);
      const before = reported.get(name);
      reported.set(name, holds);
      if (before === holds) continue;
      const fields = { source, condition: name, status: holds, reason, detail: message };
      log[holds ? "info" : "warn"](fields, "endpoint_condition");
      if (before !== undefined || !holds) await recordChange(condition);
    }
  };
}
