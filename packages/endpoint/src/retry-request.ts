import { setTimeout as delay } from "node:timers/promises";
import { TakingsError } from "@takings/domain";
import { requestFailure } from "@takings/wire";
import type { StripeRequest, StripeResponse } from "./stripe-request.ts";

/** What {@link retryRequest} depends on. */
export type RetryOptions = {
  /** Sends the request once. @throws Error where there is no complete response. */
  readonly send: (request: StripeRequest) => Promise<StripeResponse>;
  readonly stopping: AbortSignal;
  /** How long a request may fail; 60 s by default. */
  readonly maxFailingMs?: number | undefined;
};

const defaultMaxFailingMs = 60_000;
const firstDelayMs = 250;
const maxDelayMs = 8_000;

/**
 * Sends a request until Stripe answers it: again without a response, after a 5xx, a conflict with another request (409) and a
 * rate limit (429). `Retry-After` may lengthen the pause before it, and never shortens it.
 * @throws TakingsError `unavailable` after a minute, any TakingsError of `send`, or the reason of `stopping`.
 */
export async function retryRequest(
  request: StripeRequest,
  { send, stopping, maxFailingMs = defaultMaxFailingMs }: RetryOptions,
): Promise<StripeResponse> {
  const startedAt = performance.now();
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    const attempt = await send(request).catch((error: unknown) => {
      stopping.throwIfAborted();
      // The request cannot be sent, now or later.
      if (error instanceof TakingsError) throw error;
      return { failure: requestFailure(error) };
    });
    const isAnswered = "status" in attempt && attempt.status < 500;
    if (isAnswered && attempt.status !== 409 && attempt.status !== 429) return attempt;
    const askedMs = "status" in attempt ? retryAfterMs(attempt.headers) : 0;
    const pauseMs = Math.max(askedMs, delayMs);
    if (performance.now() + pauseMs - startedAt > maxFailingMs) {
      const failure = "status" in attempt ? `status ${attempt.status}` : attempt.failure;
      throw new TakingsError(
        "unavailable",
        `Stripe did not answer ${request.method} ${request.path} for ${Math.round(maxFailingMs / 1_000)} s (${failure}): ` +
          "check the network and https://status.stripe.com; run the command again, it continues",
      );
    }
    await delay(pauseMs, undefined, { signal: stopping });
  }
}

/** Seconds: https://docs.stripe.com/rate-limits */
function retryAfterMs(headers: Headers): number {
  const text = headers.get("retry-after") ?? "";
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : 0;
}
