import type { LedgerFilter, Moment } from "@takings/domain";

type LinkRange = { readonly from: Moment | undefined; readonly to: Moment | undefined };

/** Writes the address of the entries behind one total: those of a currency, in the whole range or in a part of it. */
export type LinkLedger = (currency: string, part?: LinkRange) => string;

/**
 * Links of an answer to the ledger, pinned to the answer's own moment: their entries add up to its totals for ever.
 * Nothing in them needs escaping: instants, ids and codes are all made of characters that a query may have.
 */
export function linksOf(filter: LedgerFilter): LinkLedger {
  const { from, to, livemode, account, asOf } = filter;
  const whose = account === null ? "" : `&account=${account}`;
  const rest = `livemode=${livemode}${whose}&as_recorded_at=${asOf}`;
  return (currency, part: LinkRange = { from, to }) => {
    const start = part.from === undefined ? "" : `from=${part.from}&`;
    const end = part.to === undefined ? "" : `to=${part.to}&`;
    return `/v1/ledger?${start}${end}currency=${currency}&${rest}`;
  };
}
