import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard } from "./dashboard.ts";
import { jetstream, postgres, processes } from "./infrastructure-panels.ts";
import { consumer, ingress, revenueQuery } from "./service-panels.ts";

/** What whoever runs it looks at: every part on the way of an event, one after the other. */
export function pipelineDashboard(): Dashboard {
  return dashboard("takings-pipeline", "Takings: pipeline", [
    ["Ingress", ingress()],
    ["JetStream", jetstream()],
    ["Consumer", consumer()],
    ["Revenue-query", revenueQuery()],
    ["PostgreSQL", postgres()],
    ["Processes and autoscaling", processes()],
  ]);
}
