import type { EndpointChange } from "./plan.ts";
import type { SecretStore } from "./secret-store.ts";
import type { StripeEndpoints } from "./stripe-endpoints.ts";

/** What changing an endpoint depends on. */
export type EndpointDependencies = {
  readonly stripe: StripeEndpoints;
  readonly secrets: SecretStore;
  /** Called before each change is carried out. */
  readonly onChange: (change: EndpointChange) => void;
  /** How long the secret of a disabled endpoint is kept for deliveries in progress; 2 s by default. */
  readonly drainMs?: number | undefined;
  readonly stopping: AbortSignal;
};
