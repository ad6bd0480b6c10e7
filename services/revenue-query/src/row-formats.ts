import type { Moment } from "@takings/domain";
import { stringify } from "csv-stringify/sync";

/** Which fields a table has: where each stands in a row, as a path, and the name of its column. */
export type Columns = Readonly<Record<string, string>>;

/** How rows are written one after the other. Each part is text that ends with the end of a line, or nothing. */
export type RowFormat = {
  readonly mediaType: string;
  readonly begin: (columns: Columns) => string;
  readonly rows: (rows: readonly object[], columns: Columns) => string;
  /** What only a complete answer ends with. */
  readonly end: (all: { readonly rows: number; readonly asOf: Moment }) => string;
};

/** What a spreadsheet takes for a number and not for a formula, though it begins with a minus. */
const plainNumber = /^-?\d+(\.\d+)?$/;
/** Programs that divide lines at these, or lines from one another, see whole cells where they are quoted. */
const otherSeparators = /[;\t\r]/;

/**
 * RFC 4180: lines end with CRLF, and what has a comma, a quote or a line break in it is quoted. Where a spreadsheet would
 * execute a text, it gets an apostrophe in front: https://owasp.org/www-community/attacks/CSV_Injection
 */
const csvLines = (rows: readonly object[], columns: Columns, header: boolean): string =>
  stringify([...rows], {
    columns: { ...columns },
    header,
    record_delimiter: "windows",
    escape_formulas: true,
    quoted_match: otherSeparators,
    cast: {
      boolean: String,
      string: (text) => (plainNumber.test(text) ? { value: text, escape_formulas: false } : text),
    },
  });

const csv: RowFormat = {
  mediaType: "text/csv",
  begin: (columns) => csvLines([], columns, true),
  rows: (rows, columns) => csvLines(rows, columns, false),
  end: () => "",
};

const ndjson: RowFormat = {
  mediaType: "application/x-ndjson",
  begin: () => "",
  rows: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  end: ({ rows, asOf }) => `${JSON.stringify({ complete: true, rows, as_of: asOf })}\n`,
};

/** The formats that can carry a list of any length. */
export const rowFormats: readonly RowFormat[] = [csv, ndjson];
