import type { Metrics } from "@takings/runtime";
import { Counter, Gauge } from "prom-client";

/** What the watch of an endpoint measures. */
export type WatchMetrics = {
  condition(name: string, holds: boolean): void;
  /** A change was made at Stripe. */
  changed(kind: string): void;
  /** Endpoint and secrets were compared completely now. */
  checked(): void;
};

/**
 * Registers the metrics of the watch. @param source the source whose endpoint it is.
 * @param kinds all kinds of changes: a series that starts with its first change has no increase for it, and an alert would
 * miss it.
 */
export function createWatchMetrics(
  { registry }: Metrics,
  source: string,
  kinds: readonly string[],
): WatchMetrics {
  const registers = [registry];
  const condition = new Gauge({
    name: "takings_endpoint_condition",
    help: "1 while a condition of the endpoint at Stripe holds, 0 while it does not, as of the last check",
    labelNames: ["source", "condition"],
    registers,
  });
  const changes = new Counter({
    name: "takings_endpoint_changes_total",
    help: "Changes made to the endpoint at Stripe, by kind",
    labelNames: ["source", "change"],
    registers,
  });
  const checkedAt = new Gauge({
    name: "takings_endpoint_checked_timestamp_seconds",
    help: "When endpoint and secrets were last compared completely; 0 before the first time",
    labelNames: ["source"],
    registers,
  });
  for (const change of kinds) changes.inc({ source, change }, 0);
  checkedAt.set({ source }, 0);
  return {
    condition: (name, holds) => condition.set({ source, condition: name }, holds ? 1 : 0),
    changed: (change) => changes.inc({ source, change }),
    checked: () => checkedAt.set({ source }, Date.now() / 1_000),
  };
}
