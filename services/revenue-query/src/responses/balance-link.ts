import { type BalanceScope, defaultSource, type Moment } from "@takings/domain";

/** Which transactions of a scope a figure adds up. */
type LinkedTransactions = {
  readonly from?: Moment | undefined;
  readonly to?: Moment | undefined;
  readonly currency?: string;
  readonly categories?: readonly string[];
  readonly payout?: string;
};

/** Writes the link to the balance transactions behind a figure. */
export type LinkTransactions = (which: LinkedTransactions) => string;

/**
 * Links from a response to balance transactions, pinned to the read time of the response, so that they add up to its
 * figures permanently.
 */
export function transactionLinks({
  source,
  account,
  livemode,
  asOf,
}: Omit<BalanceScope, "currency">): LinkTransactions {
  return ({ from, to, currency, categories, payout }) => {
    const parts = {
      from,
      to,
      reporting_category: categories?.join(","),
      payout,
      currency,
      livemode: String(livemode),
      account: account ?? undefined,
      source: source === defaultSource ? undefined : source,
      as_recorded_at: asOf,
    };
    const given = Object.entries(parts).flatMap(([name, value]) =>
      // Instants are left readable: a query may contain a colon, a comma and an asterisk.
      value === undefined
        ? []
        : `${name}=${encodeURIComponent(value).replaceAll("%3A", ":").replaceAll("%2C", ",")}`,
    );
    return `/v1/balance/transactions?${given.join("&")}`;
  };
}

/** The schema meta of such a link. */
export const transactionsLinkMeta = {
  format: "uri-reference",
  description: "Link to the balance transactions behind this figure. They add up to it permanently.",
} as const;
