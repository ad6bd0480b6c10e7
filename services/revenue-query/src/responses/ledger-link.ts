import { defaultSource, type LedgerFilter, type Moment } from "@takings/domain";

type LinkRange = { readonly from: Moment | undefined; readonly to: Moment | undefined };

/** Writes the link to the entries behind one total: a currency, in the whole range or in a part of it. */
export type LinkLedger = (currency: string, part?: LinkRange) => string;

/** What comes before and after the currency in a link to the ledger, for those who write many links of one range. */
export type LinkEnds = { readonly before: (part: LinkRange) => string; readonly after: string };

/**
 * Links from a response to the ledger, pinned to the read time of the response, so that their entries add up to its
 * totals permanently. Nothing needs escaping: instants, ids and codes consist of characters that a query may contain.
 */
export function linksOf(filter: LedgerFilter): LinkLedger {
  const { from, to } = filter;
  const { before, after } = linkEndsOf(filter);
  return (currency, part: LinkRange = { from, to }) => before(part) + currency + after;
}

/** The ends of the links of {@link linksOf}. */
export function linkEndsOf({ livemode, source, account, asOf }: LedgerFilter): LinkEnds {
  const accountPart = account === null ? "" : `&account=${account}`;
  const sourcePart = source === defaultSource ? "" : `&source=${source}`;
  return {
    before(part) {
      const start = part.from === undefined ? "" : `from=${part.from}&`;
      const end = part.to === undefined ? "" : `to=${part.to}&`;
      return `/v1/ledger?${start}${end}currency=`;
    },
    after: `&livemode=${livemode}${sourcePart}${accountPart}&as_recorded_at=${asOf}`,
  };
}
