import { secretKey } from "./marks.ts";
import type { FoundEndpoint } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

/**
 * The newest endpoint of another API version that receives events, or would if it had not been disabled for a successor. None
 * beside an enabled one of the wanted version, whose secret is lost: two versions must not be sent.
 * @param ours those that are marked as ours already.
 * @param replaced those that the successor replaces, oldest first.
 */
export function fallbackOf(
  { apiVersion }: WantedEndpoint,
  ours: readonly FoundEndpoint[],
  replaced: readonly FoundEndpoint[],
): FoundEndpoint | undefined {
  const others = replaced.filter((one) => one.apiVersion !== apiVersion);
  if (replaced.some((one) => one.enabled && !others.includes(one))) return undefined;
  // One without a fingerprint never had an accepted secret, and one that is only to be adopted was disabled by its owner.
  const wasUsed = (one: FoundEndpoint): boolean =>
    ours.includes(one) && one.metadata[secretKey] !== undefined;
  return others.findLast(({ enabled }) => enabled) ?? others.findLast(wasUsed);
}
