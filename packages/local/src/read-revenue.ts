import { setTimeout as delay } from "node:timers/promises";
import { type RevenueClient, RevenueQueryError, type Totals, totalsOf } from "@takings/simulator";
import { LocalFailure } from "./failure.ts";
import { fetchFailureReason } from "./network/http-probe.ts";

/** The ledger's test-mode totals over all time, and how many decimals each currency has. */
export interface Revenue {
  readonly totals: Totals;
  readonly exponents: ReadonlyMap<string, number>;
}

/** Reads the revenue; `hasResponded` when revenue-query has responded before, so that a refused connection is a restart. */
export type ReadRevenue = (hasResponded: boolean) => Promise<Revenue>;

const pauseMs = 500;
const retryForMs = 30_000;

/**
 * Reads the revenue and retries transient failures for a while. Throws a LocalFailure when revenue-query does not
 * respond with 200, at once where nothing listens at `url` and nothing has listened there before.
 */
export async function readRevenue(
  client: RevenueClient,
  url: string,
  hasResponded: boolean,
): Promise<Revenue> {
  const deadline = performance.now() + retryForMs;
  for (;;) {
    try {
      const revenue = await client.revenue({ livemode: false });
      const exponents = new Map(revenue.totals.map(({ currency, exponent }) => [currency, exponent]));
      return { totals: totalsOf(revenue), exponents };
    } catch (error) {
      if (!(error instanceof RevenueQueryError)) throw error;
      const { status } = error;
      const isTransient = status >= 500 || status === 429 || (status === 0 && hasResponded);
      if (!isTransient || performance.now() > deadline) throw revenueUnavailable(url, error);
      await delay(pauseMs);
    }
  }
}

function revenueUnavailable(url: string, { status, body, cause }: RevenueQueryError): LocalFailure {
  return new LocalFailure(
    status === 0
      ? `No response from ${url} (${fetchFailureReason(cause)}): is that where revenue-query is, and does it run?`
      : `${url}/v1/revenue responds ${status}: ${body}`,
  );
}
