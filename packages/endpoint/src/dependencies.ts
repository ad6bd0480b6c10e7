import { setTimeout as delay } from "node:timers/promises";
import type { EndpointChange } from "./plan.ts";
import type { SecretStore } from "./secret-store.ts";
import type { StripeEndpoints } from "./stripe-endpoints.ts";

/** What changing an endpoint depends on. */
export type EndpointDependencies = {
  readonly stripe: StripeEndpoints;
  readonly secrets: SecretStore;
  /** Called before each change is carried out. */
  readonly onChange: (change: EndpointChange) => void;
  /** How long until every ingress knows a stored secret, and deliveries in progress have ended; 5 s by default. */
  readonly settleMs?: number | undefined;
  readonly stopping: AbortSignal;
};

/**
 * Ingress reads a changed file within a second. On a machine whose disk is busy it takes longer, and a delivery in progress
 * too: with 2 s, deliveries were refused in one of many runs of the tests beside those of a cluster.
 */
const defaultSettleMs = 5_000;

/** Waits until a change of the secrets counts everywhere. @throws AbortError when `stopping` aborts. */
export async function settle({ settleMs = defaultSettleMs, stopping }: EndpointDependencies): Promise<void> {
  await delay(settleMs, undefined, { signal: stopping });
}
