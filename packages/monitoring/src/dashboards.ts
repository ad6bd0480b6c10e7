import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { pipelineDashboard } from "./pipeline-dashboard.ts";
import { takingsDashboard } from "./takings-dashboard.ts";

/** All dashboards; each is named by its uid. */
export function dashboards(): readonly Dashboard[] {
  return [takingsDashboard(), pipelineDashboard()];
}
