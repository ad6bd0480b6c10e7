import type { PaymentReader } from "@takings/domain";
import type { Logger, Metrics } from "@takings/runtime";
import { Gauge } from "prom-client";

export type ReconciliationWatch = { stop(): void };

type WatchDependencies = {
  readonly read: PaymentReader["reconciliations"];
  readonly metrics: Metrics;
  readonly log: Logger;
};

const intervalMs = 15_000;
const labelNames = ["account", "livemode"];

/** Keeps the gauges of `takings reconcile` up to date; they have no series until a run has finished. */
export function watchReconciliations({ read, metrics, log }: WatchDependencies): ReconciliationWatch {
  const registers = [metrics.registry];
  const through = new Gauge({
    name: "takings_reconcile_complete_through_timestamp_seconds",
    help: "Until when everything that Stripe knows of is in the ledger; the account is empty for the platform.",
    labelNames,
    registers,
  });
  const missing = new Gauge({
    name: "takings_reconcile_missing",
    help: "What Stripe knows of and the ledger still lacks.",
    labelNames,
    registers,
  });
  const different = new Gauge({
    name: "takings_reconcile_different",
    help: "Entries whose amount or currency is not that of Stripe's object.",
    labelNames,
    registers,
  });
  const update = async (): Promise<void> => {
    try {
      for (const known of await read()) {
        const labels = { account: known.account ?? "", livemode: String(known.livemode) };
        through.set(labels, Date.parse(known.completeThrough) / 1_000);
        missing.set(labels, known.missing);
        different.set(labels, known.different);
      }
    } catch (error) {
      log.debug({ reason: error instanceof Error ? error.message : error }, "reconciliation_unknown");
    }
  };
  const timer = setInterval(() => void update(), intervalMs);
  void update();
  return { stop: () => clearInterval(timer) };
}
