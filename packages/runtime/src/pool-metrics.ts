import { Gauge } from "prom-client";
import type { Metrics } from "./metrics.ts";

/** The counts of a connection pool. */
export type PoolCounts = {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
};

/** Registers gauges of a PostgreSQL connection pool, read at each scrape. */
export function registerPoolMetrics({ registry }: Metrics, pool: PoolCounts): void {
  const connections = new Gauge({
    name: "takings_postgres_connections",
    help: "Connections to PostgreSQL, by state (used or idle)",
    labelNames: ["state"],
    registers: [],
    collect() {
      this.set({ state: "used" }, pool.totalCount - pool.idleCount);
      this.set({ state: "idle" }, pool.idleCount);
    },
  });
  const waiting = new Gauge({
    name: "takings_postgres_waiting",
    help: "Queries that wait for a connection to PostgreSQL",
    registers: [],
    collect() {
      this.set(pool.waitingCount);
    },
  });
  registry.registerMetric(connections);
  registry.registerMetric(waiting);
}
