import type { BalanceScope, Moment } from "@takings/domain";
import type { AsRecordedAt } from "./recorded-time.ts";
import type { FilterParameters } from "./filter.ts";
import { type Installation, resolveAccount } from "./ledger-filter.ts";
import type { SourceParameter } from "./source.ts";

/** The parameters of all answers about a balance. */
export type BalanceParameters = Omit<FilterParameters, "from" | "to"> & AsRecordedAt & SourceParameter;

/** The scope of a query about the balance. */
export function balanceScope(
  query: Pick<BalanceParameters, "account" | "livemode" | "currency">,
  installation: Installation,
  asOf: Moment,
): BalanceScope {
  return {
    asOf,
    account: resolveAccount(query.account, installation),
    livemode: query.livemode,
    currency: query.currency,
  };
}
