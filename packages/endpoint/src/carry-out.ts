import { TakingsError } from "@takings/domain";
import { createEndpoint, enableFallback } from "./create-endpoint.ts";
import type { EndpointDependencies } from "./dependencies.ts";
import { adoptionMarks } from "./marks.ts";
import type { Difference, EndpointChange, EndpointCreation } from "./plan.ts";
import { removeEndpoint } from "./remove-endpoint.ts";
import { type EndpointUpdate, usualLimit } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

/** Carries out changes in their order. @throws TakingsError where one fails; the next plan contains what is left. */
export async function carryOut(
  wanted: WantedEndpoint,
  changes: readonly EndpointChange[],
  dependencies: EndpointDependencies,
): Promise<void> {
  const creation = changes.find((change) => change.kind === "create");
  if (creation !== undefined) await requirePossible(creation, changes, dependencies);
  for (const change of changes) {
    dependencies.stopping.throwIfAborted();
    dependencies.onChange(change);
    await carryOutOne(wanted, change, dependencies);
  }
}

/** What would make a creation fail must be noticed before an endpoint is disabled for it. */
async function requirePossible(
  { fallback, lacksPlace }: EndpointCreation,
  changes: readonly EndpointChange[],
  { stripe, secrets }: EndpointDependencies,
): Promise<void> {
  if (lacksPlace) {
    throw new TakingsError(
      "invalid",
      `Stripe allows a maximum of ${usualLimit} webhook endpoints, which exist already: nothing was changed, because the ` +
        `endpoint ${fallback?.id} would have to be disabled for its successor. Delete an endpoint that is not needed; ` +
        `where Stripe raised the limit of this account, disable ${fallback?.id} in Stripe's Dashboard, and try again`,
    );
  }
  try {
    await secrets.requireWritable();
  } catch (error) {
    // An earlier run disabled it, and was interrupted. One that is to be removed may be of another API version.
    const isAnyEnabled = changes.some((change) => change.kind === "remove" && change.endpoint.enabled);
    if (fallback?.enabled === false && !isAnyEnabled) await enableFallback(fallback, stripe);
    throw error;
  }
}

async function carryOutOne(
  wanted: WantedEndpoint,
  change: EndpointChange,
  dependencies: EndpointDependencies,
): Promise<void> {
  const { stripe } = dependencies;
  switch (change.kind) {
    case "foreign":
      return;
    case "adopt":
      return stripe.update(change.endpoint.id, { metadata: adoptionMarks(wanted) });
    case "disable":
      return stripe.update(change.endpoint.id, { enabled: false });
    case "update":
      return stripe.update(change.endpoint.id, updateOf(wanted, change.differences));
    case "remove":
      return removeEndpoint(change.endpoint, dependencies);
    case "create":
      return createEndpoint(wanted, change, dependencies);
  }
}

function updateOf({ url, types }: WantedEndpoint, differences: readonly Difference[]): EndpointUpdate {
  const fields = new Set(differences.map(({ field }) => field));
  return {
    ...(fields.has("url") && { url }),
    ...(fields.has("types") && { types }),
    ...(fields.has("enabled") && { enabled: true }),
  };
}
