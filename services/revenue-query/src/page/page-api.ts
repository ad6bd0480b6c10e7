import type { TokenScope } from "@takings/runtime";
import type { Routes } from "../routes/all-routes.ts";
import type { Route } from "../routes/route.ts";

/** What an endpoint responds with. */
type ReplyOf<Endpoint> = Endpoint extends Route<infer Reply> ? Reply : never;

/** The query of a read: as it came, or by names, where `undefined` is left out. */
export type Query = URLSearchParams | Readonly<Record<string, string | undefined>>;

/**
 * Reads of what the endpoints of the API respond with, so that the page shows the figures of the API by construction.
 * They throw as the endpoints do.
 */
export type PageApi = {
  readonly [Name in keyof Routes]: (
    query: Query,
    path?: Readonly<Record<string, string>>,
  ) => Promise<ReplyOf<Routes[Name]>>;
};

/** Runs one read within the limits of the caller. */
export type RunRead = <T>(read: () => Promise<T>) => Promise<T>;

/** Creates the reads of one request, within the scope of who it is for. */
export function createPageApi(routes: Routes, scope: TokenScope, run: RunRead): PageApi {
  const reader =
    <Reply>(route: Route<Reply>) =>
    (query: Query, path: Readonly<Record<string, string>> = {}): Promise<Reply> =>
      run(() => route.reply({ search: toSearch(query), path, scope }));
  return {
    revenue: reader(routes.revenue),
    series: reader(routes.series),
    changes: reader(routes.changes),
    ledger: reader(routes.ledger),
    events: reader(routes.events),
    event: reader(routes.event),
    payment: reader(routes.payment),
    gaps: reader(routes.gaps),
    balance: reader(routes.balance),
    summary: reader(routes.summary),
    transactions: reader(routes.transactions),
    payouts: reader(routes.payouts),
    payout: reader(routes.payout),
    search: reader(routes.search),
  };
}

/** The query as it is sent to an endpoint. */
export function toSearch(query: Query): URLSearchParams {
  if (query instanceof URLSearchParams) return query;
  return new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as [string, string]],
    ),
  );
}
