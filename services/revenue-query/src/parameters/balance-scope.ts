import type { BalanceScope, Moment } from "@takings/domain";
import type { AsRecordedAt } from "./recorded-time.ts";
import type { FilterParameters } from "./filter.ts";
import { type Installation, resolveAccount } from "./ledger-filter.ts";

/** The parameters of all answers about a balance. */
export type BalanceParameters = Omit<FilterParameters, "from" | "to"> & AsRecordedAt;

/** The scope of a query about the balance. */
export function balanceScope(
  query: Pick<BalanceParameters, "source" | "account" | "livemode" | "currency">,
  installation: Installation,
  asOf: Moment,
): BalanceScope {
  return {
    asOf,
    source: query.source,
    account: resolveAccount(query, installation),
    livemode: query.livemode,
    currency: query.currency,
  };
}
