import { defaultSource, type PaymentReader } from "@takings/domain";
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

/** What tells the sources' own accounts. */
type Accounts = {
  readonly reader: Pick<PaymentReader, "platformsOf">;
  readonly installation: Pick<Installation, "stripeAccountId">;
};

/**
 * Whether a token with this scope may read something stored. A source's own account is its platform, named by its id. What does
 * not say its mode belongs to none.
 * @throws TakingsError `unavailable`
 */
export async function readableBy(
  { sources, accounts, livemode }: TokenScope,
  { reader, installation: { stripeAccountId } }: Accounts,
): Promise<(owner: Owner) => boolean> {
  const ids = (accounts ?? []).filter((account) => account !== platformName);
  const platforms = new Set((await Promise.all(ids.map((id) => reader.platformsOf(id)))).flat());
  // That of `default` may be set for this process alone.
  if (stripeAccountId !== undefined && ids.includes(stripeAccountId)) platforms.add(defaultSource);
  const isOfAccount = ({ account, source }: Owner): boolean =>
    accounts === undefined ||
    accounts.includes(account ?? platformName) ||
    (account === null && platforms.has(source));
  return (owner) =>
    (sources === undefined || sources.includes(owner.source)) &&
    isOfAccount(owner) &&
    (livemode === undefined || livemode === owner.livemode);
}
