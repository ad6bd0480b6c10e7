import { readAmount, readTime, type TimeColumn, timeColumns } from "./compare-cells.ts";
import { endsWithLineBreak, readPages } from "./csv-file.ts";
import { cutOff, lastColumnOf } from "./cut-off.ts";
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
  /** The line of the last row if no line break ends it: the file may be cut off there. */
  readonly openLine: number | undefined;
};

const amountColumns = ["gross", "fee", "net", "net_amount"];

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
  let last: ReportRow | undefined;
  for await (const page of readPages(path)) {
    for (const cells of page) {
      const row = reportRow(cells, columns);
      allInAutomaticPayouts &&= (row.cell("automatic_payout_id") ?? "") !== "";
      onlyPayouts &&= isOfPayouts(row.cell("reporting_category"));
      for (const column of amountColumns) readAmount(row, column);
      // Only payments of customers have one.
      if (row.cell("customer_facing_amount") !== "") readAmount(row, "customer_facing_amount");
      created?.add(row);
      effective?.add(row);
      last = row;
    }
    rows += page.length;
    onRows(rows);
  }
  const isOpen = last !== undefined && !(await endsWithLineBreak(path));
  if (isOpen) requireWholeCurrency(last, columns);
  const hasRows = rows > 0;
  return {
    rows,
    traits: {
      allInAutomaticPayouts: hasRows && allInAutomaticPayouts,
      onlyPayouts: hasRows && onlyPayouts,
    },
    created: created?.range(),
    effective: effective?.range(),
    openLine: isOpen ? last?.line : undefined,
  };
}

/** A shorter currency at the end of a file is no other currency. */
function requireWholeCurrency(last: ReportRow | undefined, columns: Columns): void {
  const isCut = lastColumnOf(columns) === "currency" && (last?.cell("currency") ?? "").length < 3;
  if (last !== undefined && isCut) throw cutOff(last.line);
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
        // The latest time is part of the range, to its precision. Days are longer when a clock is set back.
        to:
          latest.step === 86_400
            ? clock.instantsOf(latest.reading + latest.step).first
            : clock.instantsOf(latest.reading).last + latest.step,
      };
    },
  };
}
