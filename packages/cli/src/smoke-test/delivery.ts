import { setTimeout as delay } from "node:timers/promises";
import { Stripe } from "stripe";
import type { Canary } from "./canaries.ts";

/** Where and until when to deliver. */
export type DeliverySettings = {
  /** URL of the webhook endpoint. */
  readonly ingress: string;
  readonly secret: string;
  /** When to give up, on the scale of `performance.now()`. */
  readonly deadline: number;
};

const concurrency = 8;
const requestTimeoutMs = 15_000;
const initialBackoffMs = 200;
const maxBackoffMs = 5_000;

/** Delivers in the given order, a few concurrently, each until it gets a 2xx. Returns the ids that got one. */
export async function deliverCanaries(
  deliveries: readonly Canary[],
  settings: DeliverySettings,
): Promise<ReadonlySet<string>> {
  const accepted = new Set<string>();
  const waiting = deliveries.values();
  const worker = async (): Promise<void> => {
    for (const canary of waiting) if (await deliverUntilAccepted(canary, settings)) accepted.add(canary.id);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return accepted;
}

/** Sends a body that does not match its signature; returns the status, or 0 if there was no response. */
export function deliverForged({ body }: Canary, settings: DeliverySettings): Promise<number> {
  return attempt(`${body} `, sign(body, settings.secret), settings);
}

async function deliverUntilAccepted({ body }: Canary, settings: DeliverySettings): Promise<boolean> {
  for (let pauseMs = initialBackoffMs; ; pauseMs = Math.min(pauseMs * 2, maxBackoffMs)) {
    const status = await attempt(body, sign(body, settings.secret), settings);
    if (status >= 200 && status < 300) return true;
    // A permanent rejection stays one; only a temporary one is worth a retry.
    const isPermanent = status >= 300 && status < 500 && status !== 429;
    if (isPermanent || performance.now() + pauseMs > settings.deadline) return false;
    await delay(pauseMs);
  }
}

async function attempt(body: string, signature: string, { ingress }: DeliverySettings): Promise<number> {
  const headers = { "content-type": "application/json; charset=utf-8", "stripe-signature": signature };
  const signal = AbortSignal.timeout(requestTimeoutMs);
  try {
    const response = await fetch(ingress, { method: "POST", headers, body, signal, redirect: "manual" });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

function sign(payload: string, secret: string): string {
  const timestamp = Math.floor(Date.now() / 1_000);
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
}
