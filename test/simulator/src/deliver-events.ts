import { setTimeout as delay } from "node:timers/promises";
import type { StripeEvent } from "./event.ts";
import type { Random } from "./random.ts";
import { postWebhook, type WebhookResponse } from "./webhook-client.ts";

export type RetryPolicy = {
  /** How long an event is retried, in milliseconds; `Infinity` is allowed. */
  readonly retryForMs: number;
  /** Upper limit of the exponential backoff. */
  readonly maxBackoffMs?: number;
  /** By default only network errors, 429 and 5xx are retried; with `all` every non-2xx, as Stripe does. */
  readonly retried?: "transient" | "all";
  /** Ends the retries. */
  readonly signal?: AbortSignal | undefined;
};

const initialBackoffMs = 30;
const defaultMaxBackoffMs = 2_000;

/** Repeats an attempt until it gets a 2xx or the policy ends the retries. Resolves with the last response. */
export async function retryUntilAccepted(
  attempt: () => Promise<WebhookResponse>,
  { retryForMs, maxBackoffMs = defaultMaxBackoffMs, retried = "transient", signal }: RetryPolicy,
): Promise<{ readonly response: WebhookResponse; readonly attempts: number }> {
  const deadline = performance.now() + retryForMs;
  for (let attempts = 1; ; attempts += 1) {
    const response = await attempt();
    const isFinal = isAccepted(response) || (retried === "transient" && !isTransient(response));
    if (isFinal || performance.now() > deadline) return { response, attempts };
    const backoffMs = Math.min(initialBackoffMs * 2 ** (attempts - 1), maxBackoffMs);
    // With jitter, so that concurrent deliveries do not retry at the same time.
    await delay(backoffMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
    if (signal?.aborted === true) return { response, attempts };
  }
}

/** True for any 2xx. */
export function isAccepted({ status }: WebhookResponse): boolean {
  return status >= 200 && status < 300;
}

function isTransient({ status }: WebhookResponse): boolean {
  return status === 0 || status === 429 || status >= 500;
}

export type DeliverySettings = {
  /** The address of ingress, alone or with the path of its webhook. */
  readonly url: string;
  readonly secret: string;
  /** Number of requests in flight. */
  readonly concurrency: number;
  /** How long each event is retried, in milliseconds. */
  readonly retryForMs?: number;
  /** Stops at the first event that is not accepted; the report then has that one, and no response to what follows. */
  readonly stopAtRefusal?: boolean;
  /** Called after each accepted delivery. */
  readonly progress?: (soFar: DeliveryCounts) => void;
};

export type DeliveryCounts = {
  /** Deliveries that got a 2xx with the receipt of their event. */
  readonly accepted: number;
  /** Accepted deliveries whose event was stored before, according to the response. */
  readonly duplicates: number;
  /** Attempts after the first one of each delivery. */
  readonly retries: number;
};

/** An event that was not accepted, with the last response to it. */
export type Refusal = { readonly event: StripeEvent; readonly response: WebhookResponse };

export type DeliveryReport = DeliveryCounts & {
  readonly refused: readonly Refusal[];
  readonly elapsedMs: number;
};

const defaultRetryForMs = 60_000;

/** Delivers events as Stripe does: each one is signed for each attempt and retried until it gets a 2xx. */
export async function deliverEvents(
  deliveries: Iterable<StripeEvent>,
  settings: DeliverySettings,
): Promise<DeliveryReport> {
  const { url, secret, concurrency, retryForMs = defaultRetryForMs, stopAtRefusal = false } = settings;
  const counts = { accepted: 0, duplicates: 0, retries: 0 };
  const refused: Refusal[] = [];
  const queue = deliveries[Symbol.iterator]();
  const stopping = new AbortController();
  const { signal } = stopping;
  const began = performance.now();
  async function deliverOne(event: StripeEvent): Promise<void> {
    const attempt = (): Promise<WebhookResponse> => postWebhook({ url, body: event.body, secret, signal });
    const { response, attempts } = await retryUntilAccepted(attempt, { retryForMs, signal });
    counts.retries += attempts - 1;
    if (isReceipt(response, event)) {
      counts.accepted += 1;
      if (response.body.includes('"duplicate":true')) counts.duplicates += 1;
      settings.progress?.(counts);
    } else if (!signal.aborted) {
      refused.push({ event, response });
      if (stopAtRefusal) stopping.abort();
    }
  }
  async function work(): Promise<void> {
    for (let next = queue.next(); next.done !== true && !signal.aborted; next = queue.next())
      await deliverOne(next.value);
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  return { ...counts, refused, elapsedMs: performance.now() - began };
}

/** A 2xx counts only with the receipt of this event. */
function isReceipt(response: WebhookResponse, event: StripeEvent): boolean {
  const isOfEvent = response.body.includes(`"event_id":"${event.id}"`);
  return isAccepted(response) && response.body.includes('"received":true') && isOfEvent;
}

/** Deliveries of these events as a careless network would make them: shuffled, a fifth twice, a fiftieth three times. */
export function deliveriesOf(events: readonly StripeEvent[], random: Random): StripeEvent[] {
  const twice = random.shuffle(events).slice(0, Math.floor(events.length / 5));
  const thrice = twice.slice(0, Math.floor(events.length / 50));
  return random.shuffle([...events, ...twice, ...thrice]);
}
