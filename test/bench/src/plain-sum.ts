import type { Client } from "pg";
import type { RevenueRequest } from "./revenue-requests.ts";

/** What a plain sum over the ledger gives, and how long the database took over it. */
export type PlainSum = { readonly ms: number; readonly net: ReadonlyMap<string, string> };

/** Answers the same question the plain way: by adding up the entries themselves. */
export async function plainSum(client: Client, { from, to, account }: RevenueRequest): Promise<PlainSum> {
  const text = `
    select currency, sum(amount)::text as net from takings.ledger
    where livemode ${account === "*" ? "" : "and account = $3"} and occurred_at >= $1 and occurred_at < $2
    group by currency`;
  const begun = performance.now();
  const { rows } = await client.query<{ currency: string; net: string }>(
    text,
    account === "*" ? [from, to] : [from, to, account],
  );
  const ms = performance.now() - begun;
  return { ms, net: new Map(rows.map(({ currency, net }) => [currency, net])) };
}

/** @throws Error when the service's answer is another one than the sum: then its speed says nothing. */
export function requireSameNet(body: string, { net }: PlainSum, path: string): void {
  const { totals } = JSON.parse(body) as { totals: { currency: string; net: { minor: string } }[] };
  const differing = totals.find((total) => net.get(total.currency) !== total.net.minor);
  if (differing === undefined && totals.length === net.size) return;
  throw new Error(
    `GET ${path} and a sum over the ledger disagree${differing ? ` in ${differing.currency}` : ""}: ` +
      `repair the rollup or the query before measuring it.`,
  );
}
