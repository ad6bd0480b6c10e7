import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { balanceDashboard } from "./balance-dashboard.ts";
import { pipelineDashboard } from "./pipeline-dashboard.ts";
import { takingsDashboard } from "./takings-dashboard.ts";

/** All dashboards by file name. */
export function dashboards(): Readonly<Record<string, Dashboard>> {
  return { takings: takingsDashboard(), balance: balanceDashboard(), pipeline: pipelineDashboard() };
}
