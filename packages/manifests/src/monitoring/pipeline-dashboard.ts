import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard } from "./dashboard.ts";
import { jetstream, postgres, processes } from "./infrastructure-panels.ts";
import { consumer, ingress, revenueQuery } from "./service-panels.ts";
import { traces } from "./trace-panels.ts";
import * as variables from "./variables.ts";

/** For operators: every component on the path of an event, in order. */
export function pipelineDashboard(): Dashboard {
  return dashboard({
    uid: "takings-pipeline",
    title: "Takings: pipeline",
    variables: [variables.prometheus, variables.postgres, variables.namespace],
    rows: [
      { title: "Ingress", panels: ingress() },
      { title: "JetStream", panels: jetstream() },
      { title: "Consumer", panels: consumer() },
      { title: "revenue-query", panels: revenueQuery() },
      { title: "PostgreSQL", panels: postgres() },
      { title: "Processes and autoscaling", panels: processes() },
      { title: "Traces", panels: traces() },
    ],
  });
}
