import type { FoundEndpoint } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

// The keys of an endpoint's metadata by which Takings recognises it and what it still has to do.

/** Whose endpoint it is; its value is `takings`. */
export const managedByKey = "managed_by";
export const sourceKey = "takings_source";
/** `true` or `false`: Stripe does not show whether an endpoint receives events of connected accounts. */
const connectKey = "takings_connect";
/** The fingerprint of its signing secret, set once the secret is stored. */
export const secretKey = "takings_secret";
/** The id of the endpoint that it replaces after a rotation. */
export const replacesKey = "takings_replaces";
/** `true` while it is being removed: it is disabled, and its secret need not be kept. */
export const retiringKey = "takings_retiring";

/** {@link secretKey} of an adopted endpoint, whose secret nobody can tell us. */
export const unknownSecret = "unknown";

/** The marks of an endpoint of ours, without a secret. */
export function marksOf({ source, connect }: WantedEndpoint): Readonly<Record<string, string>> {
  return { [managedByKey]: "takings", [sourceKey]: source, [connectKey]: String(connect) };
}

/** How a foreign endpoint is marked when it is adopted. */
export function adoptionMarks(wanted: WantedEndpoint): Readonly<Record<string, string>> {
  return { ...marksOf(wanted), [secretKey]: unknownSecret };
}

/** Whether an endpoint bears our marks, and is of the wanted source and kind. No other is ever changed. */
export function isOurs({ metadata }: FoundEndpoint, { source, connect }: WantedEndpoint): boolean {
  return (
    metadata[managedByKey] === "takings" &&
    metadata[sourceKey] === source &&
    (metadata[connectKey] === "true") === connect
  );
}

/** Whether it is being removed. */
export function isRetiring({ metadata }: FoundEndpoint): boolean {
  return metadata[retiringKey] === "true";
}
