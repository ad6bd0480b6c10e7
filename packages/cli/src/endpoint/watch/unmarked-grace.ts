import type { FoundEndpoint } from "@takings/endpoint";

/** Longer than a rotation takes from the creation of its endpoint until this is marked, with repeated requests. */
const graceMs = 120_000;

/**
 * Creates the rule by which the watch leaves an endpoint alone that has no fingerprint yet: for two minutes after it was first
 * seen a rotation may be creating it. Not by its `created`, because the clock here may differ from Stripe's.
 * @param now milliseconds that never go back.
 */
export function createUnmarkedGrace(now: () => number): (endpoint: FoundEndpoint) => boolean {
  const firstSeen = new Map<string, number>();
  return ({ id }) => {
    const since = firstSeen.get(id) ?? now();
    firstSeen.set(id, since);
    return now() - since < graceMs;
  };
}
