import { setTimeout as delay } from "node:timers/promises";
import { TakingsError } from "@takings/domain";
import type { RateLimit } from "./rate-limit.ts";
import type { StripeRequest, StripeResponse } from "./stripe-request.ts";

/** What {@link patientRequest} depends on. */
export type PatientOptions = {
  /** Sends the request once. @throws Error where there is no complete response. */
  readonly send: (request: StripeRequest) => Promise<StripeResponse>;
  readonly limit: RateLimit;
  readonly stopping: AbortSignal;
  /** How long a request may fail; 60 s by default. */
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
 * @throws TakingsError `unavailable` after that, or the reason of `stopping`.
 */
export async function patientRequest(
  request: StripeRequest,
  { send, limit, stopping, maxFailingMs = defaultMaxFailingMs }: PatientOptions,
): Promise<StripeResponse> {
  let failingSince: number | undefined;
  let delayMs = firstDelayMs;
  for (;;) {
    const startedAt = performance.now();
    const attempt = await limit
      .send(() => send(request), stopping)
      .catch((error: unknown) => {
        stopping.throwIfAborted();
        return { failure: describe(error) };
      });
    if ("status" in attempt && attempt.status === 429) {
      limit.pauseFor(Math.min(retryAfterMs(attempt.headers) ?? delayMs, maxPauseMs));
      failingSince = undefined;
      delayMs = Math.min(delayMs * 2, maxDelayMs);
      continue;
    }
    if ("status" in attempt && attempt.status < 500) return attempt;
    failingSince ??= startedAt;
    const left = failingSince + maxFailingMs - performance.now();
    const failure = "status" in attempt ? `status ${attempt.status}` : attempt.failure;
    if (left <= 0) {
      throw new TakingsError(
        "unavailable",
        `Stripe did not answer GET ${request.path} for ${Math.round(maxFailingMs / 1_000)} s (${failure}): ` +
          "check the network and https://status.stripe.com; the next round continues",
      );
    }
    await delay(Math.min(delayMs, left), undefined, { signal: stopping });
    delayMs = Math.min(delayMs * 2, maxDelayMs);
  }
}

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}

/** The reason of a failed `fetch`, which is in its causes. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return "code" in cause ? String(cause.code) : cause.message;
  return error.name === "TimeoutError" ? "no complete response in time" : error.message;
}
