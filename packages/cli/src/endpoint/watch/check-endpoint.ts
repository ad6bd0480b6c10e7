import {
  applyEndpoint,
  type Condition,
  type EndpointChange,
  type EndpointDependencies,
  lookAtEndpoint,
  type SecretStore,
  type StripeEndpoints,
  type WantedEndpoint,
} from "@takings/endpoint";
import type { Logger } from "@takings/runtime";
import type { WatchMetrics } from "./metrics.ts";
import { createReplacementHold } from "./replacement-hold.ts";
import type { ReportConditions } from "./report-conditions.ts";
import { createUnmarkedGrace } from "./unmarked-grace.ts";

/** What a check depends on. */
export type CheckOptions = {
  readonly wanted: WantedEndpoint;
  /** Endpoints with the same URL that were created in another way are replaced. */
  readonly adopt: boolean;
  /** Opens Stripe's API. It is called for each check, so that a new key needs no restart. */
  readonly openStripe: () => StripeEndpoints;
  readonly secrets: SecretStore;
  readonly stopping: AbortSignal;
  /** Milliseconds that never go back. */
  readonly now: () => number;
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
  const { wanted, adopt, openStripe, secrets, stopping, now, report, metrics, log } = options;
  const source = wanted.source;
  const foreign = new Set<string>();
  const hold = createReplacementHold(now);
  const planOptions = { adopt, isInProgress: createUnmarkedGrace(now) };

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
  const apply = async (
    access: Pick<EndpointDependencies, "stripe" | "secrets">,
  ): Promise<readonly Condition[]> => {
    const begun: EndpointChange[] = [];
    const onBegun = (change: EndpointChange): void => {
      begun.push(change);
      onChange(change);
    };
    const dependencies = { ...access, onChange: onBegun, stopping };
    return applyEndpoint(wanted, dependencies, planOptions).then(
      ({ conditions }) => conditions,
      (error: unknown) => {
        hold.failed(begun, error);
        throw error;
      },
    );
  };
  return async () => {
    const access = { stripe: openStripe(), secrets };
    const found = await lookAtEndpoint(wanted, access, planOptions);
    await report(found.conditions);
    warnOnce(found.changes);
    if (found.changes.some(({ kind }) => kind !== "foreign")) {
      hold.requireNotHeld(found.changes);
      await report(await apply(access));
    }
    metrics.checked();
  };
}

function nameOf(change: EndpointChange): string {
  const isEnabled = change.kind === "update" && change.differences.some(({ field }) => field === "enabled");
  return isEnabled ? "enable" : change.kind;
}
