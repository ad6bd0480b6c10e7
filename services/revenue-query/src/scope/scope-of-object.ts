import { defaultSource } from "@takings/domain";
import { platformName, type TokenScope } from "@takings/runtime";
import type { Installation } from "../parameters/ledger-filter.ts";

/** Whose something stored is. */
type Owner = {
  readonly source: string;
  /** `null` is the platform itself. */
  readonly account: string | null;
  /** `null`: it does not say. */
  readonly livemode: boolean | null;
};

/** Whether a token with this scope may read something stored. What does not say its mode belongs to none. */
export function mayRead(
  { sources, accounts, livemode }: TokenScope,
  owner: Owner,
  { stripeAccountId }: Pick<Installation, "stripeAccountId">,
): boolean {
  const names =
    owner.account === null
      ? [platformName, ...(owner.source === defaultSource ? [stripeAccountId] : [])]
      : [owner.account];
  return (
    (sources === undefined || sources.includes(owner.source)) &&
    (accounts === undefined || names.some((name) => name !== undefined && accounts.includes(name))) &&
    (livemode === undefined || livemode === owner.livemode)
  );
}
