import type { Discrepancy } from "@takings/postgres";

/** Differences that are found one after the other: all are counted, the first ones are listed. */
export type Discrepancies = {
  add(found: Discrepancy): void;
  readonly count: number;
  readonly listed: readonly Discrepancy[];
};

/** More than this is not listed: whoever has so many has one cause to find, not a thousand. */
const maxListed = 1_000;

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
