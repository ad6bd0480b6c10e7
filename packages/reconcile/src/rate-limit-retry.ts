import { Stripe } from "stripe";
import { abortableDelay } from "./abortable.ts";

const maxAttempts = 8;
const maxBackoffMs = 60_000;

/**
 * Asks again after as long as Stripe wishes when it says that it is asked too often (429), which its library leaves
 * to the caller. Without a `Retry-After` the pauses double, from one second.
 * @throws what the last attempt threw.
 */
export async function retryRateLimited<T>(request: () => Promise<T>, stopping: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (
        !(error instanceof Stripe.errors.StripeError) ||
        error.statusCode !== 429 ||
        attempt === maxAttempts
      )
        throw error;
      const retryAfterSeconds = Number(error.headers?.["retry-after"]);
      const pauseMs =
        Number.isFinite(retryAfterSeconds) && retryAfterSeconds >= 0
          ? retryAfterSeconds * 1_000
          : 2 ** (attempt - 1) * 1_000;
      await abortableDelay(Math.min(pauseMs, maxBackoffMs), stopping);
    }
  }
}
