import { setTimeout as delay } from "node:timers/promises";
import type { EndpointDependencies } from "./dependencies.ts";
import { isRetiring, retiringKey, secretKey } from "./marks.ts";
import { fingerprintOf } from "./secret-store.ts";
import type { FoundEndpoint } from "./stripe-endpoints.ts";

const defaultDrainMs = 2_000;

/**
 * Deletes an endpoint and its secret. It is deleted last, because its marks say what is left to do. Its secret stays for a
 * moment after it is disabled, for deliveries in progress.
 */
export async function removeEndpoint(
  endpoint: FoundEndpoint,
  { stripe, secrets, drainMs = defaultDrainMs, stopping }: EndpointDependencies,
): Promise<void> {
  const isIts = (secret: string): boolean => fingerprintOf(secret) === endpoint.metadata[secretKey];
  if ((await secrets.read()).some(isIts)) {
    if (!isRetiring(endpoint)) {
      await stripe.update(endpoint.id, { enabled: false, metadata: { [retiringKey]: "true" } });
    }
    await delay(drainMs, undefined, { signal: stopping });
    await secrets.update((known) => known.filter((secret) => !isIts(secret)));
  }
  await stripe.remove(endpoint.id);
}
