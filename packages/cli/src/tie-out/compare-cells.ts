import { exponentOf } from "@takings/domain";
import { type Decimal, minorOf, parseDecimal, writeDecimal } from "./decimal.ts";
import type { Difference, DifferenceKind } from "./difference.ts";
import { FileFault } from "./file-fault.ts";
import {
  type Clock,
  type FileTime,
  isSameReading,
  parseFileTime,
  utcClock,
  writeFileTime,
} from "./file-time.ts";
import type { ReportRow } from "./report.ts";

/** Where a difference is found. */
export type Place = { readonly line: number; readonly id: string };

const amountAdvice =
  "amounts must be in major units with a decimal point and nothing else, as Stripe writes them (12.30); export the " +
  "report again without a decimal comma, and do not save it with a spreadsheet";

/**
 * Reads an amount; `undefined` if the file has no such column.
 * @throws FileFault when it is not written as Stripe writes amounts.
 */
export function readAmount(row: ReportRow, column: string): Decimal | undefined {
  const text = row.cell(column);
  if (text === undefined) return undefined;
  const amount = parseDecimal(text);
  if (amount !== undefined) return amount;
  const said = text === "" ? "nothing" : `"${text}"`;
  throw new FileFault(`says ${said} in ${column} on line ${row.line}: ${amountAdvice}`);
}

/** An amount of the ledger, and the columns of the file that state it and its currency. */
export type ExpectedAmount = {
  readonly minor: bigint;
  readonly currency: string;
  readonly columns: { readonly amount: string; readonly currency: string };
};

/**
 * Compares an amount, exactly.
 * @throws FileFault when it is not written as Stripe writes amounts, or has more decimals than the currency.
 */
export function compareAmount(
  row: ReportRow,
  place: Place,
  kind: DifferenceKind,
  { minor, currency, columns }: ExpectedAmount,
): readonly Difference[] {
  const amount = readAmount(row, columns.amount);
  if (amount === undefined) return [];
  const exponent = exponentOf(currency);
  const said = minorOf(amount, exponent);
  if (said === minor) return [];
  // In another currency it may have more decimals.
  const isOfCurrency = row.cell(columns.currency)?.toLowerCase() === currency;
  if (said === undefined && isOfCurrency)
    throw new FileFault(
      `says "${row.cell(columns.amount)}" in ${columns.amount} on line ${row.line}, which is no amount of ` +
        `${currency}: ${amountAdvice}`,
    );
  const ledgerSays = writeDecimal(minor, exponent, amount.decimals);
  return [{ ...place, kind, fileSays: row.cell(columns.amount) ?? null, ledgerSays }];
}

/** Compares a text; an empty cell equals `null`. Without the column there is nothing to compare. */
export function compareText(
  row: ReportRow,
  place: Place,
  kind: DifferenceKind,
  expected: { readonly text: string | null; readonly column?: string },
): readonly Difference[] {
  const cell = row.cell(expected.column ?? kind);
  const fileSays = cell === "" ? null : cell;
  return cell === undefined || fileSays === expected.text
    ? []
    : [{ ...place, kind, fileSays: fileSays ?? null, ledgerSays: expected.text }];
}

/** Compares a currency, whose case does not matter. */
export function compareCurrency(
  row: ReportRow,
  place: Place,
  kind: "currency" | "customer_facing_currency",
  expected: string,
): readonly Difference[] {
  const cell = row.cell(kind);
  if (cell === undefined || cell.toLowerCase() === expected) return [];
  return [{ ...place, kind, fileSays: cell === "" ? null : cell, ledgerSays: expected }];
}

/** A column of times, and the clock by which the file writes them. */
export type TimeColumn = { readonly column: string; readonly clock: Clock };

/** The columns in which a report states a time: `NAME_utc` by UTC, and `NAME` by the clock of the report. */
export function timeColumns(name: string, clock: Clock): readonly TimeColumn[] {
  return [
    { column: `${name}_utc`, clock: utcClock },
    { column: name, clock },
  ];
}

/**
 * Reads a time; `undefined` if the file has no such column or says nothing in it.
 * @throws FileFault when it is written in another form than Stripe's.
 */
export function readTime(row: ReportRow, column: string): FileTime | undefined {
  const text = row.cell(column);
  if (text === undefined || text === "") return undefined;
  const time = parseFileTime(text);
  if (time !== undefined) return time;
  throw new FileFault(
    `says "${text}" in ${column} on line ${row.line}, which is no time that Stripe writes (2026-10-01 09:30:05); ` +
      "download the report again, and do not save it with a spreadsheet",
  );
}

/** How Stripe writes times. */
const usualForm = { step: 1, separator: " ", suffix: "" } as const;

/** Compares a time, at the precision of the file. Reports the first of the columns that differs. */
export function compareTime(
  row: ReportRow,
  place: Place,
  kind: DifferenceKind,
  expected: { readonly seconds: number; readonly columns: readonly TimeColumn[] },
): readonly Difference[] {
  for (const { column, clock } of expected.columns) {
    const cell = row.cell(column);
    if (cell === undefined) continue;
    const time = readTime(row, column);
    const reading = (time === undefined || time.suffix === "" ? clock : utcClock).readingAt(expected.seconds);
    if (time !== undefined && isSameReading(reading, time)) continue;
    const fileSays = cell === "" ? null : cell;
    return [{ ...place, kind, fileSays, ledgerSays: writeFileTime(reading, time ?? usualForm) }];
  }
  return [];
}
