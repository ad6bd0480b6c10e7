import type { Client } from "pg";
import type { RevenueRequest } from "./revenue-requests.ts";

/** The result of a plain sum over the ledger, and how long it took. */
export type PlainSum = { readonly ms: number; readonly net: ReadonlyMap<string, string> };

/** Answers the same query by a sum over the ledger. */
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

/** @throws Error when the service's response differs from the sum: then its speed is meaningless. */
export function requireSameNet(body: string, { net }: PlainSum, path: string): void {
  const { totals } = JSON.parse(body) as { totals: { currency: string; net: { minor: string } }[] };
  const differing = totals.find((total) => net.get(total.currency) !== total.net.minor);
  if (differing === undefined && totals.length === net.size) return;
  throw new Error(
    `GET ${path} and a sum over the ledger differ${differing ? ` in ${differing.currency}` : ""}: ` +
      `fix the rollup or the query first.`,
  );
}
