import { createEndpoint, restoreAfterRefusal } from "./create-endpoint.ts";
import type { EndpointDependencies } from "./dependencies.ts";
import { adoptionMarks } from "./marks.ts";
import type { Difference, EndpointChange } from "./plan.ts";
import { removeEndpoint } from "./remove-endpoint.ts";
import type { EndpointUpdate } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

/** Carries out changes in their order. @throws TakingsError where one fails; the next plan contains what is left. */
export async function carryOut(
  wanted: WantedEndpoint,
  changes: readonly EndpointChange[],
  dependencies: EndpointDependencies,
): Promise<void> {
  // A secret that could not be stored must be noticed before an endpoint is disabled for its successor.
  if (changes.some(({ kind }) => kind === "create")) await dependencies.secrets.requireWritable();
  for (const change of changes) {
    dependencies.stopping.throwIfAborted();
    dependencies.onChange(change);
    await carryOutOne(wanted, change, dependencies);
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
      try {
        await createEndpoint(wanted, dependencies, change.rotates);
      } catch (error) {
        await restoreAfterRefusal(error, change.replaces, wanted, stripe);
        throw error;
      }
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
