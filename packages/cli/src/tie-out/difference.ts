/** In what a row differs. */
export type DifferenceKind =
  | "gross"
  | "fee"
  | "net"
  | "currency"
  | "created"
  | "available_on"
  | "reporting_category"
  | "payout"
  | "trace_id"
  | "payout_status"
  | "count"
  | "customer_facing_amount"
  | "customer_facing_currency"
  | "duplicate"
  | "missing_here"
  | "missing_there";

/** One difference between a file and the ledger. */
export type Difference = {
  /** Where the row begins; `null` if the file has no such row. */
  readonly line: number | null;
  /** The balance transaction, or `currency/category` in a summary. */
  readonly id: string;
  readonly kind: DifferenceKind;
  /** Both in the form of the file; `null` where a side says nothing. */
  readonly fileSays: string | null;
  readonly ledgerSays: string | null;
};

/** Collects differences: all are counted, the first ones are listed. */
export type Differences = {
  add(found: readonly Difference[]): void;
  readonly count: number;
  readonly listed: readonly Difference[];
};

/** More come from one cause, such as the report of another month, and would not fit in memory. */
const maxListed = 100_000;

/** Creates an empty collection. */
export function collectDifferences(): Differences {
  const listed: Difference[] = [];
  let count = 0;
  return {
    add(found) {
      count += found.length;
      listed.push(...found.slice(0, maxListed - listed.length));
    },
    get count() {
      return count;
    },
    listed,
  };
}
