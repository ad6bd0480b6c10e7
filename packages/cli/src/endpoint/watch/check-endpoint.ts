import {
  applyEndpoint,
  type EndpointChange,
  lookAtEndpoint,
  type SecretStore,
  type StripeEndpoints,
  type WantedEndpoint,
} from "@takings/endpoint";
import type { Logger } from "@takings/runtime";
import type { WatchMetrics } from "./metrics.ts";
import type { ReportConditions } from "./report-conditions.ts";

/** What a check depends on. */
export type CheckOptions = {
  readonly wanted: WantedEndpoint;
  /** Endpoints with the same URL that were created in another way are replaced. */
  readonly adopt: boolean;
  /** Opens Stripe's API. It is called for each check, so that a new key needs no restart. */
  readonly openStripe: () => StripeEndpoints;
  readonly secrets: SecretStore;
  readonly stopping: AbortSignal;
  readonly report: ReportConditions;
  readonly metrics: WatchMetrics;
  readonly log: Logger;
};

/** Every kind of change that the watch makes. To enable an endpoint has a name of its own, because it follows an outage. */
export const changeNames: readonly string[] = ["create", "update", "enable", "disable", "adopt", "remove"];

/**
 * Creates the check that the watch repeats: compares the endpoint at Stripe with the wanted one, reports what it found,
 * brings it into the wanted state, and reports what it is then. @throws TakingsError where it could not.
 */
export function createEndpointCheck(options: CheckOptions): () => Promise<void> {
  const { wanted, adopt, openStripe, secrets, stopping, report, metrics, log } = options;
  const source = wanted.source;
  const foreign = new Set<string>();

  const onChange = (change: EndpointChange): void => {
    const name = nameOf(change);
    const endpoint = "endpoint" in change ? change.endpoint.id : undefined;
    log.info({ source, change: name, endpoint, reason: change.reason }, "endpoint_changed");
    metrics.changed(name);
  };
  const warnOnce = (changes: readonly EndpointChange[]): void => {
    for (const change of changes) {
      if (change.kind !== "foreign" || foreign.has(change.endpoint.id)) continue;
      foreign.add(change.endpoint.id);
      log.warn({ source, endpoint: change.endpoint.id, reason: change.reason }, "endpoint_foreign");
    }
  };
  return async () => {
    const access = { stripe: openStripe(), secrets };
    const found = await lookAtEndpoint(wanted, access, { adopt });
    await report(found.conditions);
    warnOnce(found.changes);
    if (found.changes.some(({ kind }) => kind !== "foreign")) {
      const { conditions } = await applyEndpoint(wanted, { ...access, onChange, stopping }, { adopt });
      await report(conditions);
    }
    metrics.checked();
  };
}

function nameOf(change: EndpointChange): string {
  const isEnabled = change.kind === "update" && change.differences.some(({ field }) => field === "enabled");
  return isEnabled ? "enable" : change.kind;
}
