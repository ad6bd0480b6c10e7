import type { LedgerScope, Reconciliation } from "@takings/domain";
import type { BalanceState, RecordedTime } from "@takings/postgres";
import type { Metrics } from "@takings/runtime";
import { Gauge, Histogram } from "prom-client";

/** Measures requests. A route is labelled with its path template, not with the requested path. */
export type RequestMetrics = {
  /** Creates the series of a route before its first request. */
  routeOpen(route: string): void;
  requestFinished(route: string, status: number, seconds: number): void;
};

/** Registers `takings_query_duration_seconds`. */
export function createRequestMetrics({ registry }: Metrics): RequestMetrics {
  const duration = new Histogram({
    name: "takings_query_duration_seconds",
    help: "Time from a request to its response, by route and status",
    labelNames: ["route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    // A series that begins with its first request has no rate at that point, and would be missing on a quiet service.
    routeOpen: (route) => duration.zero({ route, status: "200" }),
    requestFinished: (route, status, seconds) => duration.observe({ route, status: String(status) }, seconds),
  };
}

/** Registers the gauges of recorded time, and returns the function that sets them. */
export function createRecordedTimeMetrics({ registry }: Metrics): (state: RecordedTime) => void {
  const registers = [registry];
  const oldest = new Gauge({
    name: "takings_oldest_recording_seconds",
    help: "Age of the oldest recording in progress, 0 when there is none; the safe read time stays before it",
    registers,
  });
  const ahead = new Gauge({
    name: "takings_recorded_time_ahead_seconds",
    help: "How far recorded time is ahead of the database's clock, 0 when it is not",
    registers,
  });
  return ({ oldestSeconds, aheadSeconds }) => {
    oldest.set(oldestSeconds);
    ahead.set(aheadSeconds);
  };
}

/** Registers the gauges of `takings reconcile`, and returns the function that sets them. */
export function createReconciliationMetrics({
  registry,
}: Metrics): (reconciliations: readonly (LedgerScope & Reconciliation)[]) => void {
  const [registers, labelNames] = [[registry], ["source", "account", "livemode"]];
  const through = new Gauge({
    name: "takings_reconcile_complete_through_timestamp_seconds",
    help: "Until when the ledger holds everything that Stripe lists; the account is empty for the platform",
    labelNames,
    registers,
  });
  const missing = new Gauge({
    name: "takings_reconcile_missing",
    help: "Objects that Stripe lists and the ledger lacks",
    labelNames,
    registers,
  });
  const different = new Gauge({
    name: "takings_reconcile_different",
    help: "Objects that the ledger has with another amount or currency than Stripe",
    labelNames,
    registers,
  });
  return (reconciliations) => {
    for (const { source, account, livemode, ...known } of reconciliations) {
      const labels = { source, account: account ?? "", livemode: String(livemode) };
      through.set(labels, Date.parse(known.completeThrough) / 1_000);
      missing.set(labels, known.missing);
      different.set(labels, known.different);
    }
  };
}

/** Registers the gauges of the balance ledger, and returns the function that sets them. */
export function createBalanceMetrics({ registry }: Metrics): (state: BalanceState) => void {
  const registers = [registry];
  const through = new Gauge({
    name: "takings_balance_complete_through_timestamp_seconds",
    help: "Until when the balance ledger is complete, 0 before the first finished round; empty account: the platform",
    labelNames: ["source", "account", "livemode"],
    registers,
  });
  const unexplained = new Gauge({
    name: "takings_balance_unexplained_payouts",
    help: "Payouts of the last 90 days whose members add up to another amount",
    labelNames: ["source", "livemode"],
    registers,
  });
  return (state) => {
    // A scope that is not synced any more has no series, so that no alert is about it.
    through.reset();
    unexplained.reset();
    for (const { source, account, livemode, completeThrough = 0 } of state.scopes)
      through.set({ source, account: account ?? "", livemode: String(livemode) }, completeThrough);
    for (const { source, livemode, payouts } of state.unexplained)
      unexplained.set({ source, livemode: String(livemode) }, payouts);
  };
}
