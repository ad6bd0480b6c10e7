import { setTimeout as delay } from "node:timers/promises";
import { Stripe } from "stripe";

const maxAttempts = 8;
const maxBackoffMs = 60_000;

/**
 * Retries a request that Stripe rejects because of rate limiting (429), which Stripe's library does not do. It waits as
 * long as `Retry-After` requests; without that header, one second, doubling with each attempt.
 * @throws the error of the last attempt, or an AbortError when `stopping` aborts during a wait.
 */
export async function retryRateLimited<T>(request: () => Promise<T>, stopping: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (!isRateLimited(error) || attempt === maxAttempts) throw error;
      const delayMs = retryAfterMs(error) ?? 2 ** (attempt - 1) * 1_000;
      await delay(Math.min(delayMs, maxBackoffMs), undefined, { signal: stopping });
    }
  }
}

function isRateLimited(error: unknown): error is Stripe.errors.StripeError {
  return error instanceof Stripe.errors.StripeError && error.statusCode === 429;
}

function retryAfterMs({ headers }: Stripe.errors.StripeError): number | undefined {
  const seconds = Number(headers?.["retry-after"]);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
