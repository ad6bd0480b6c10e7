import { readTime, type TimeColumn, timeColumns } from "./compare-cells.ts";
import { readPages } from "./csv-file.ts";
import { type Clock, type FileTime, utcClock } from "./file-time.ts";
import {
  type Columns,
  payoutCategories,
  type ReportRow,
  reportRow,
  type RowTraits,
  totalCategory,
} from "./report.ts";

/** A half-open range of instants, in seconds since 1970. */
export type InstantRange = { readonly from: number; readonly to: number };

/** What is known of a file after it was read once. */
export type InspectedFile = {
  readonly rows: number;
  readonly traits: RowTraits;
  /** From the earliest to the latest `created`; `undefined` if the file states none. */
  readonly created: InstantRange | undefined;
  /** From the earliest to the latest `effective_at`. */
  readonly effective: InstantRange | undefined;
};

/**
 * Reads a whole file, so that one that is damaged anywhere is rejected before anything is compared.
 * @throws FileFault
 */
export async function inspectFile(
  path: string,
  columns: Columns,
  clock: Clock,
  onRows: (rows: number) => void,
): Promise<InspectedFile> {
  const [created, effective] = ["created", "effective_at"].map((name) => {
    const column = timeColumns(name, clock).find((candidate) => columns.has(candidate.column));
    return createExtremes(column);
  });
  let [rows, allInAutomaticPayouts, onlyPayouts] = [0, true, true];
  for await (const page of readPages(path)) {
    for (const cells of page) {
      const row = reportRow(cells, columns);
      allInAutomaticPayouts &&= (row.cell("automatic_payout_id") ?? "") !== "";
      onlyPayouts &&= isOfPayouts(row.cell("reporting_category"));
      created?.add(row);
      effective?.add(row);
    }
    rows += page.length;
    onRows(rows);
  }
  const hasRows = rows > 0;
  return {
    rows,
    traits: {
      allInAutomaticPayouts: hasRows && allInAutomaticPayouts,
      onlyPayouts: hasRows && onlyPayouts,
    },
    created: created?.range(),
    effective: effective?.range(),
  };
}

function isOfPayouts(category: string | undefined): boolean {
  return category !== undefined && (payoutCategories.has(category) || category === totalCategory);
}

type Extremes = { add(row: ReportRow): void; range(): InstantRange | undefined };

/** Finds the earliest and the latest time of a column. */
function createExtremes(of: TimeColumn | undefined): Extremes {
  let earliest: FileTime | undefined;
  let latest: FileTime | undefined;
  return {
    add(row) {
      const time = of === undefined ? undefined : readTime(row, of.column);
      if (time === undefined) return;
      if (earliest === undefined || time.reading < earliest.reading) earliest = time;
      if (latest === undefined || time.reading > latest.reading) latest = time;
    },
    range() {
      if (of === undefined || earliest === undefined || latest === undefined) return undefined;
      const clock = latest.suffix === "" ? of.clock : utcClock;
      return {
        from: clock.instantsOf(earliest.reading).first,
        // The latest time is part of the range, to its precision.
        to: clock.instantsOf(latest.reading).last + latest.step,
      };
    },
  };
}
