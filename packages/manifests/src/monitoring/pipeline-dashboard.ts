import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard } from "./dashboard.ts";
import { jetstream, postgres, processes } from "./infrastructure-panels.ts";
import { consumer, ingress, revenueQuery } from "./service-panels.ts";

/** For operators: every component on the path of an event, in order. */
export function pipelineDashboard(): Dashboard {
  return dashboard("takings-pipeline", "Takings: pipeline", [
    ["Ingress", ingress()],
    ["JetStream", jetstream()],
    ["Consumer", consumer()],
    ["revenue-query", revenueQuery()],
    ["PostgreSQL", postgres()],
    ["Processes and autoscaling", processes()],
  ]);
}
