import type { Metrics } from "@takings/runtime";
import { Histogram } from "prom-client";

/** Told how each request ended; `route` is the path as it is described, never as it was asked. */
export type ObserveRequest = (route: string, status: number, seconds: number) => void;

/** Registers `takings_query_duration_seconds`. */
export function requestMetrics({ registry }: Metrics): ObserveRequest {
  const duration = new Histogram({
    name: "takings_query_duration_seconds",
    help: "Time from a request to its answer, by route and status.",
    labelNames: ["route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return (route, status, seconds) => duration.observe({ route, status: String(status) }, seconds);
}
