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
  /** How long until every ingress knows a stored secret, and deliveries in progress have ended; 2 s by default. */
  readonly settleMs?: number | undefined;
  readonly stopping: AbortSignal;
};

/** The ingress reads a changed file within a second. */
const defaultSettleMs = 2_000;

/** Waits until a change of the secrets counts everywhere. @throws AbortError when `stopping` aborts. */
export async function settle({ settleMs = defaultSettleMs, stopping }: EndpointDependencies): Promise<void> {
  await delay(settleMs, undefined, { signal: stopping });
}
