import { TakingsError } from "@takings/domain";
import { type EndpointDependencies, settle } from "./dependencies.ts";
import { marksOf, replacesKey, secretKey } from "./marks.ts";
import type { EndpointCreation } from "./plan.ts";
import { fingerprintOf } from "./secret-store.ts";
import type { CreatedEndpoint, FoundEndpoint, StripeEndpoints } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

/**
 * The only type that the new endpoint of a rotation receives until its secret is known everywhere: the rarest of those that
 * are wanted. Its other deliveries would be refused until then, while the present endpoint receives the same events.
 */
const firstTypes = ["payout.canceled"];

/**
 * Creates an endpoint, stores its secret, and then marks it with the secret's fingerprint. An endpoint without this mark is
 * known to be useless: its secret may be lost. Where the secret cannot be stored, the endpoint is deleted again.
 *
 * Where the endpoint certainly does not exist after a failure, the fallback of the creation is enabled again: events in an
 * old API version are better than none. Not where that is open, because two versions must not be sent.
 */
export async function createEndpoint(
  wanted: WantedEndpoint,
  { rotates, fallback }: EndpointCreation,
  dependencies: EndpointDependencies,
): Promise<void> {
  const { stripe, secrets } = dependencies;
  const { endpoint, secret } = await createAtStripe(wanted, rotates, stripe).catch(async (error: unknown) => {
    if (isRefusal(error)) await enableFallback(fallback, stripe);
    throw error;
  });
  try {
    await secrets.update((known) => (known.includes(secret) ? known : [...known, secret]));
  } catch (error) {
    await stripe.remove(endpoint.id);
    await enableFallback(fallback, stripe);
    throw error;
  }
  try {
    await stripe.update(endpoint.id, { metadata: { [secretKey]: fingerprintOf(secret) } });
  } catch (error) {
    if (isRefusal(error) && !(await exists(endpoint, stripe))) {
      await secrets.update((known) => known.filter((one) => one !== secret));
      await enableFallback(fallback, stripe);
    }
    throw error;
  }
  if (rotates === undefined) return;
  await settle(dependencies);
  await stripe.update(endpoint.id, { types: wanted.types });
}

/** Enables the endpoint that was disabled for one that does not exist. */
export async function enableFallback(
  fallback: FoundEndpoint | undefined,
  stripe: StripeEndpoints,
): Promise<void> {
  if (fallback !== undefined) await stripe.update(fallback.id, { enabled: true });
}

function createAtStripe(
  wanted: WantedEndpoint,
  rotates: FoundEndpoint | undefined,
  stripe: StripeEndpoints,
): Promise<CreatedEndpoint> {
  const { url, types, apiVersion, connect, source } = wanted;
  return stripe.create({
    url,
    types: rotates === undefined ? types : firstTypes,
    apiVersion,
    connect,
    description: `Takings, source ${source}${connect ? ", connected accounts" : ""}`,
    metadata: { ...marksOf(wanted), ...(rotates !== undefined && { [replacesKey]: rotates.id }) },
  });
}

/** Whether Stripe answered, and did not do what was asked for. */
function isRefusal(error: unknown): boolean {
  return error instanceof TakingsError && error.code === "invalid";
}

async function exists({ id }: FoundEndpoint, stripe: StripeEndpoints): Promise<boolean> {
  return (await stripe.list()).some((one) => one.id === id);
}
