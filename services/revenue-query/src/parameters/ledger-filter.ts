import { defaultSource, type LedgerFilter, type LedgerScope, type Moment } from "@takings/domain";
import { platformName } from "@takings/runtime";
import { momentOf } from "../time/instant-text.ts";
import type { FilterParameters, ScopeParameters } from "./filter.ts";
import type { Range } from "./range.ts";

/** The settings of the installation that affect queries. */
export type Installation = {
  readonly defaultLivemode: boolean;
  /** The Stripe account of the source `default`; in the parameter `account` it means the platform itself. */
  readonly stripeAccountId: string | undefined;
};

/** The ledger filter of a query. */
export function ledgerFilter(
  query: FilterParameters & { readonly range: Range },
  installation: Installation,
  asOf: Moment,
): LedgerFilter {
  return {
    asOf,
    from: momentOf(query.range.from),
    to: momentOf(query.range.to),
    currency: query.currency,
    livemode: query.livemode,
    source: query.source,
    account: resolveAccount(query, installation),
  };
}

/**
 * The account of a query in the form that the store uses: `null` is the platform itself, `*` all accounts. The store knows
 * the Stripe accounts of all sources itself; that of `default` is resolved here too, because it may be set for this process
 * alone.
 */
export function resolveAccount(
  { account, source }: Pick<ScopeParameters, "account" | "source">,
  { stripeAccountId }: Installation,
): string | null {
  const isPlatform = source === defaultSource && account === stripeAccountId;
  return account === undefined || account === platformName || isPlatform ? null : account;
}

/** Whether a query is about a scope. The id of the Stripe account of a source means its platform, as in the store. */
export function isInScope(
  scope: LedgerScope & { readonly platformAccount: string | null },
  { source, account, livemode }: LedgerScope,
): boolean {
  const isPlatform = scope.account === null && scope.platformAccount === account;
  return (
    scope.livemode === livemode &&
    (source === "*" || scope.source === source) &&
    (account === "*" || scope.account === account || isPlatform)
  );
}
