import type { RecordedTime } from "@takings/postgres";
import type { Metrics } from "@takings/runtime";
import { Gauge, Histogram } from "prom-client";

/** How requests went. A route is the path as it is described, never as it was asked. */
export type RequestMetrics = {
  /** Such a route can be asked, whether or not it ever is. */
  routeOpen(route: string): void;
  requestFinished(route: string, status: number, seconds: number): void;
};

/** Registers `takings_query_duration_seconds`. */
export function createRequestMetrics({ registry }: Metrics): RequestMetrics {
  const duration = new Histogram({
    name: "takings_query_duration_seconds",
    help: "Time from a request to its answer, by route and status.",
    labelNames: ["route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    // A series that begins with its first request has no rate at that moment, and a quiet service would show nothing.
    routeOpen: (route) => duration.zero({ route, status: "200" }),
    requestFinished: (route, status, seconds) => duration.observe({ route, status: String(status) }, seconds),
  };
}

/** Registers the gauges of recorded time, and returns what sets them. */
export function createRecordedTimeMetrics({ registry }: Metrics): (state: RecordedTime) => void {
  const registers = [registry];
  const oldest = new Gauge({
    name: "takings_oldest_recording_seconds",
    help: "How long the oldest recording has been in progress, 0 when there is none; it holds back all answers",
    registers,
  });
  const ahead = new Gauge({
    name: "takings_recorded_time_ahead_seconds",
    help: "How far the latest recording is ahead of the database's clock, 0 when it is not",
    registers,
  });
  return ({ oldestSeconds, aheadSeconds }) => {
    oldest.set(oldestSeconds);
    ahead.set(aheadSeconds);
  };
}
