import { type EndpointDependencies, settle } from "./dependencies.ts";
import { isRetiring, retiringKey, secretKey } from "./marks.ts";
import { fingerprintOf } from "./secret-store.ts";
import type { FoundEndpoint } from "./stripe-endpoints.ts";

/**
 * Deletes an endpoint and its secret. It is deleted last, because its marks say what is left to do. Its secret stays for a
 * moment after it is disabled, for deliveries in progress.
 */
export async function removeEndpoint(
  endpoint: FoundEndpoint,
  dependencies: EndpointDependencies,
): Promise<void> {
  const { stripe, secrets } = dependencies;
  const isIts = (secret: string): boolean => fingerprintOf(secret) === endpoint.metadata[secretKey];
  if ((await secrets.read()).some(isIts)) {
    if (!isRetiring(endpoint)) {
      await stripe.update(endpoint.id, { enabled: false, metadata: { [retiringKey]: "true" } });
    }
    await settle(dependencies);
    await secrets.update((known) => known.filter((secret) => !isIts(secret)));
  }
  await stripe.remove(endpoint.id);
}
