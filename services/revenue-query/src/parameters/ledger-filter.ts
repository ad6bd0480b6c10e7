import type { LedgerFilter, Moment } from "@takings/domain";
import { momentOf } from "../time/instant-text.ts";
import type { FilterParameters } from "./filter.ts";
import type { Range } from "./range.ts";

/** The settings of the installation that affect queries. */
export type Installation = {
  readonly defaultLivemode: boolean;
  /** The platform's own account id; in the parameter `account` it means the platform itself. */
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
    account: resolveAccount(query.account, installation),
  };
}

/** The account of a query in the form that the store uses: `null` is the platform itself, `*` all accounts. */
export function resolveAccount(given: string | undefined, { stripeAccountId }: Installation): string | null {
  return given === undefined || given === stripeAccountId ? null : given;
}
