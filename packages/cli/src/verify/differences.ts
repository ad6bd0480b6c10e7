import {
  type ComparedEntry,
  type ComparedPayment,
  differencesBetween,
  type Discrepancy,
} from "@takings/postgres";

/** How the stored ledger entries and gaps of a payment differ from those that its events produce. */
export function differencesOf({ entries, gaps }: ComparedPayment): readonly Discrepancy[] {
  const wrongEntries = entries.map((entry) => ({
    where: "ledger" as const,
    id: entry.id,
    detail: differenceOf(entry),
  }));
  const wrongGaps = gaps
    .filter(({ stored, derived }) => stored !== derived)
    .map(({ id, stored = "missing", derived = "no gap" }) => ({
      where: "gaps" as const,
      id,
      detail: `is ${stored}, but ${derived} by the events`,
    }));
  return [...wrongEntries.filter(({ detail }) => detail !== ""), ...wrongGaps];
}

/** How an entry differs; empty if it does not. */
function differenceOf({ stored, derived }: ComparedEntry): string {
  if (stored === undefined) return "is missing, although the events produce it";
  if (derived === undefined) return "exists, although no event produces it";
  return differencesBetween(stored, derived).join("; ");
}
