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
    .filter(({ kept, recounted }) => kept !== recounted)
    .map(({ id, kept = "missing", recounted = "no gap" }) => ({
      where: "gaps" as const,
      id,
      detail: `is ${kept}, but ${recounted} by the events`,
    }));
  return [...wrongEntries.filter(({ detail }) => detail !== ""), ...wrongGaps];
}

/** How an entry differs; empty if it does not. */
function differenceOf({ kept, recounted }: ComparedEntry): string {
  if (kept === undefined) return "is missing, although the events produce it";
  if (recounted === undefined) return "exists, although no event produces it";
  return differencesBetween(kept, recounted).join("; ");
}
