import { Stripe } from "stripe";
import { pauseUnlessStopped } from "./until-stopped.ts";

const attempts = 8;
const longestPauseMs = 60_000;

/**
 * Asks again after as long as Stripe wishes when it says that it is asked too often (429), which its library leaves
 * to the caller. Without a `Retry-After` the pauses double, from one second.
 * @throws what the last attempt threw.
 */
export async function politely<T>(ask: () => Promise<T>, stopping: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError) || error.statusCode !== 429 || attempt === attempts)
        throw error;
      const wished = Number(error.headers?.["retry-after"]);
      const pauseMs = Number.isFinite(wished) && wished >= 0 ? wished * 1_000 : 2 ** (attempt - 1) * 1_000;
      await pauseUnlessStopped(Math.min(pauseMs, longestPauseMs), stopping);
    }
  }
}
