import { setTimeout as delay } from "node:timers/promises";
import { TakingsError } from "@takings/domain";
import { requestFailure } from "@takings/wire";
import type { RateLimit } from "./rate-limit.ts";
import type { StripeRequest, StripeResponse } from "./stripe-request.ts";

/** What {@link retryingRequest} depends on. */
export type RetryOptions = {
  /** Sends the request once. @throws Error where there is no complete response. */
  readonly send: (request: StripeRequest) => Promise<StripeResponse>;
  readonly limit: RateLimit;
  readonly stopping: AbortSignal;
  /** How long a request may fail, waiting for the rate limit not counted; 60 s by default. */
  readonly maxFailingMs?: number | undefined;
};

const defaultMaxFailingMs = 60_000;
const firstDelayMs = 250;
const maxDelayMs = 8_000;
/** Stripe is asked again after this long, whatever it says. */
const maxPauseMs = 3_600_000;

/**
 * Sends a request until Stripe answers it. While Stripe limits the rate (429), nothing is sent to that endpoint for as long
 * as Stripe asks, any number of times. Without an answer, and after a 5xx, the request is repeated for a minute.
 * @throws TakingsError `unavailable` after that, any TakingsError of `send`, or the reason of `stopping`.
 */
export async function retryingRequest(
  request: StripeRequest,
  { send, limit, stopping, maxFailingMs = defaultMaxFailingMs }: RetryOptions,
): Promise<StripeResponse> {
  let failingMs = 0;
  let delayMs = firstDelayMs;
  for (;;) {
    let sentAt = performance.now();
    const sendTimed = (): Promise<StripeResponse> => {
      sentAt = performance.now();
      return send(request);
    };
    const attempt = await limit.send(sendTimed, stopping).catch((error: unknown) => {
      stopping.throwIfAborted();
      // The request cannot be sent, now or later.
      if (error instanceof TakingsError) throw error;
      return { failure: requestFailure(error) };
    });
    if ("status" in attempt && attempt.status === 429) {
      limit.pauseFor(Math.min(retryAfterMs(attempt.headers) ?? delayMs, maxPauseMs));
      delayMs = Math.min(delayMs * 2, maxDelayMs);
      continue;
    }
    if ("status" in attempt && attempt.status < 500) return attempt;
    failingMs += performance.now() - sentAt;
    const left = maxFailingMs - failingMs;
    const failure = "status" in attempt ? `status ${attempt.status}` : attempt.failure;
    if (left <= 0) {
      throw new TakingsError(
        "unavailable",
        `Stripe did not answer GET ${request.path} for ${Math.round(maxFailingMs / 1_000)} s (${failure}): ` +
          "check the network and https://status.stripe.com; the next round continues",
      );
    }
    const pauseMs = Math.min(delayMs, left);
    await delay(pauseMs, undefined, { signal: stopping });
    failingMs += pauseMs;
    delayMs = Math.min(delayMs * 2, maxDelayMs);
  }
}

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3. Some servers send fractions of seconds. */
function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
