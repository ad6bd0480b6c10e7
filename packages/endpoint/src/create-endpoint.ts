import { TakingsError } from "@takings/domain";
import { type EndpointDependencies, settle } from "./dependencies.ts";
import { marksOf, replacesKey, secretKey } from "./marks.ts";
import { fingerprintOf } from "./secret-store.ts";
import type { FoundEndpoint, StripeEndpoints } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

/**
 * The only type that the new endpoint of a rotation receives until its secret is known everywhere: the rarest of those that
 * are wanted. Its other deliveries would be refused until then, while the present endpoint receives the same events.
 */
const firstTypes = ["payout.canceled"];

/**
 * Creates an endpoint, stores its secret, and then marks it with the secret's fingerprint. An endpoint without this mark is
 * known to be useless: its secret may be lost. Where the secret cannot be stored, the endpoint is deleted again.
 * @param rotated the endpoint that it replaces after a rotation.
 */
export async function createEndpoint(
  wanted: WantedEndpoint,
  dependencies: EndpointDependencies,
  rotated?: FoundEndpoint,
): Promise<void> {
  const { stripe, secrets } = dependencies;
  const { url, types, apiVersion, connect, source } = wanted;
  const { endpoint, secret } = await stripe.create({
    url,
    types: rotated === undefined ? types : firstTypes,
    apiVersion,
    connect,
    description: `Takings, source ${source}${connect ? ", connected accounts" : ""}`,
    metadata: { ...marksOf(wanted), ...(rotated !== undefined && { [replacesKey]: rotated.id }) },
  });
  try {
    await secrets.update((known) => (known.includes(secret) ? known : [...known, secret]));
  } catch (error) {
    await stripe.remove(endpoint.id);
    throw error;
  }
  await stripe.update(endpoint.id, { metadata: { [secretKey]: fingerprintOf(secret) } });
  if (rotated === undefined) return;
  await settle(dependencies);
  await stripe.update(endpoint.id, { types });
}

/**
 * Enables the newest endpoint of another API version again, after Stripe refused its successor: events in an old version are
 * better than none. Not after an error that leaves open whether the successor exists, because two versions must not be sent.
 */
export async function restoreAfterRefusal(
  error: unknown,
  replaced: readonly FoundEndpoint[],
  { apiVersion }: WantedEndpoint,
  stripe: StripeEndpoints,
): Promise<void> {
  const disabled = replaced.findLast((one) => one.apiVersion !== apiVersion);
  const isRefused = error instanceof TakingsError && error.code === "invalid";
  if (isRefused && disabled !== undefined) await stripe.update(disabled.id, { enabled: true });
}
