import { setTimeout as delay } from "node:timers/promises";
import { LocalFailure } from "./failure.ts";
import { fetchFailureReason } from "./network/http-probe.ts";
import type { CurrencyTotals, Totals } from "./revenue-totals.ts";

/** The ledger's test-mode totals over all time, and how many decimals each currency has. */
export interface Revenue {
  readonly totals: Totals;
  readonly exponents: ReadonlyMap<string, number>;
}

interface Amount {
  readonly minor: string;
}

interface CurrencyRevenue {
  readonly currency: string;
  readonly exponent: number;
  readonly gross: Amount;
  readonly refunded: Amount;
  readonly disputed: Amount;
  readonly counts: { readonly payments: number; readonly refunds: number; readonly disputes: number };
}

const pauseMs = 500;
const retryForMs = 30_000;
const requestTimeoutMs = 10_000;

/**
 * Asks revenue-query at `url` (without a path), for a while again where it cannot response now. Throws a LocalFailure
 * unless it answers with 200, at once where nobody listens.
 * @param hasResponded it has answered before: nobody listening is then a restart.
 */
export async function readRevenue(
  url: string,
  token: string | undefined,
  hasResponded = false,
): Promise<Revenue> {
  const deadline = Date.now() + retryForMs;
  for (;;) {
    const response = await requestRevenue(`${url}/v1/revenue?livemode=false`, token);
    if (response.status === 200) return parseRevenue(response.text);
    const isTransient =
      response.status >= 500 || response.status === 429 || (response.status === 0 && hasResponded);
    if (!isTransient || Date.now() > deadline) throw revenueUnavailable(url, response);
    await delay(pauseMs);
  }
}

interface RevenueResponse {
  /** 0 where nobody answered. */
  readonly status: number;
  readonly text: string;
}

async function requestRevenue(url: string, token: string | undefined): Promise<RevenueResponse> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  try {
    const signal = AbortSignal.timeout(requestTimeoutMs);
    const response = await fetch(url, { signal, ...(headers && { headers }) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: fetchFailureReason(error) };
  }
}

function revenueUnavailable(url: string, { status, text }: RevenueResponse): LocalFailure {
  return new LocalFailure(
    status === 0
      ? `No response from ${url} (${text}): is that where revenue-query is, and does it run?`
      : `${url}/v1/revenue answers ${status}: ${text}`,
  );
}

/** Reads the body of an response of `/v1/revenue`. */
export function parseRevenue(text: string): Revenue {
  const { totals }: { totals: readonly CurrencyRevenue[] } = JSON.parse(text);
  return {
    totals: new Map(totals.map((row) => [row.currency, totalsOf(row)])),
    exponents: new Map(totals.map((row) => [row.currency, row.exponent])),
  };
}

function totalsOf({ gross, refunded, disputed, counts }: CurrencyRevenue): CurrencyTotals {
  return {
    gross: BigInt(gross.minor),
    refunded: BigInt(refunded.minor),
    disputed: BigInt(disputed.minor),
    payments: counts.payments,
    refunds: counts.refunds,
    disputes: counts.disputes,
  };
}
