import { LocalFailure } from "./failure.ts";
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

/** Asks revenue-query at `url` (without a path). Throws a LocalFailure unless it answers with 200. */
export async function readRevenue(url: string, token: string | undefined): Promise<Revenue> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/v1/revenue?livemode=false`, { ...(headers && { headers }) });
  const text = await response.text();
  if (response.status !== 200)
    throw new LocalFailure(`${url}/v1/revenue answers ${response.status}: ${text}`);
  return parseRevenue(text);
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
