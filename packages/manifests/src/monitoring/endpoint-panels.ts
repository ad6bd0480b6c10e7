import { type Panels, stat } from "./panels.ts";
import { now } from "./queries.ts";

/** The webhook endpoint at Stripe, where `takings endpoint watch` runs. */
export function endpointPanels(): Panels {
  return [
    stat({
      title: "Webhook endpoint at Stripe",
      about:
        "1: the condition holds for every source. 0: see the runbook of the alert. Empty without endpoint watch.",
      unit: "short",
      width: 18,
      redBelow: 1,
      queries: [
        now(`min by (condition) (takings_endpoint_condition{namespace=~"$namespace"})`, "{{condition}}"),
      ],
    }),
    stat({
      title: "Last look at the endpoint",
      about: "Since the last complete check. Above 10 minutes nobody looks after the endpoint.",
      unit: "s",
      width: 6,
      redFrom: 600,
      queries: [now(`time() - min(takings_endpoint_checked_timestamp_seconds{namespace=~"$namespace"})`, "")],
    }),
  ];
}
