import { TakingsError } from "@takings/domain";
import type { EndpointChange } from "@takings/endpoint";

/** Each attempt costs what Stripe does not send in it. */
const holdMs = 3_600_000;

/** Holds back the next attempt to replace an endpoint of another API version, after one that failed. */
export type ReplacementHold = {
  /** @throws TakingsError where these changes would disable an endpoint within an hour of a failed replacement. */
  requireNotHeld(changes: readonly EndpointChange[]): void;
  /** Called with the changes that were begun when a check failed. An endpoint with a fallback is a replacement. */
  failed(begun: readonly EndpointChange[], error: unknown): void;
};

/** @param now milliseconds that never go back. */
export function createReplacementHold(now: () => number): ReplacementHold {
  let held: { readonly until: number; readonly reason: string } | undefined;
  return {
    requireNotHeld(changes) {
      if (held === undefined || now() >= held.until) return;
      if (!changes.some(({ kind }) => kind === "disable")) return;
      const minutes = Math.ceil((held.until - now()) / 60_000);
      throw new TakingsError(
        "invalid",
        `the endpoint has another API version, and could not be replaced: ${held.reason}. It stays as it is, and the next ` +
          `attempt is in ${minutes} min; sooner with \`takings endpoint apply\``,
      );
    },
    failed(begun, error) {
      if (!begun.some((change) => change.kind === "create" && change.fallback !== undefined)) return;
      held = { until: now() + holdMs, reason: error instanceof Error ? error.message : String(error) };
    },
  };
}
