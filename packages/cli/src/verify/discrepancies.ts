import type { Discrepancy } from "@takings/postgres";

/** Collects discrepancies: all are counted, the first ones are listed. */
export type Discrepancies = {
  add(found: Discrepancy): void;
  readonly count: number;
  readonly listed: readonly Discrepancy[];
};

/** That many discrepancies usually have one common cause, so listing more would not help. */
const maxListed = 1_000;

/** Creates an empty collection. */
export function collectDiscrepancies(): Discrepancies {
  const listed: Discrepancy[] = [];
  let count = 0;
  return {
    add(found) {
      count += 1;
      if (listed.length < maxListed) listed.push(found);
    },
    get count() {
      return count;
    },
    listed,
  };
}
