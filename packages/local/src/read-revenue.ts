import { setTimeout as delay } from "node:timers/promises";
import { LocalFailure } from "./failure.ts";
import { whyFetchFailed } from "./http-probe.ts";
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
const patienceMs = 30_000;
const requestTimeoutMs = 10_000;

/**
 * Asks revenue-query at `url` (without a path), for a while again where it cannot answer now. Throws a LocalFailure
 * unless it answers with 200, at once where nobody listens.
 * @param isThere it has answered before: nobody listening is then a restart.
 */
export async function readRevenue(url: string, token: string | undefined, isThere = false): Promise<Revenue> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask(`${url}/v1/revenue?livemode=false`, token);
    if (answer.status === 200) return parseRevenue(answer.text);
    const isPassing = answer.status >= 500 || answer.status === 429 || (answer.status === 0 && isThere);
    if (!isPassing || Date.now() > deadline) throw noRevenue(url, answer);
    await delay(pauseMs);
  }
}

interface Answer {
  /** 0 where nobody answered. */
  readonly status: number;
  readonly text: string;
}

async function ask(url: string, token: string | undefined): Promise<Answer> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  try {
    const signal = AbortSignal.timeout(requestTimeoutMs);
    const response = await fetch(url, { signal, ...(headers && { headers }) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: whyFetchFailed(error) };
  }
}

function noRevenue(url: string, { status, text }: Answer): LocalFailure {
  return new LocalFailure(
    status === 0
      ? `No answer from ${url} (${text}): is that where revenue-query is, and does it run?`
      : `${url}/v1/revenue answers ${status}: ${text}`,
  );
}

/** Reads the body of an answer of `/v1/revenue`. */
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
