import type { Moment } from "@takings/domain";
import { stringify } from "csv-stringify/sync";

/** The columns of a table: the path of each field in a row, and the name of its column. */
export type Columns = Readonly<Record<string, string>>;

/** How rows are written one after the other. Each part is empty or ends with a line break. */
export type RowFormat = {
  readonly mediaType: string;
  /** Of a file in this format. */
  readonly extension: string;
  readonly begin: (columns: Columns) => string;
  readonly rows: (rows: readonly object[], columns: Columns) => string;
  /** Written only at the end of a complete response. */
  readonly end: (all: { readonly rows: number; readonly asOf: Moment }) => string;
};

/** A number that starts with a minus sign, which a spreadsheet does not mistake for a formula. */
const plainNumber = /^-?\d+(\.\d+)?$/;
/** Some programs split cells or lines at these characters unless the cell is quoted. */
const otherSeparators = /[;\t\r]/;

/**
 * CSV by RFC 4180: lines end with CRLF, and cells with a comma, a quote or a line break are quoted. A text that a
 * spreadsheet would execute is prefixed with an apostrophe: https://owasp.org/www-community/attacks/CSV_Injection
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
  extension: "csv",
  begin: (columns) => csvLines([], columns, true),
  rows: (rows, columns) => csvLines(rows, columns, false),
  end: () => "",
};

const ndjson: RowFormat = {
  mediaType: "application/x-ndjson",
  extension: "ndjson",
  begin: () => "",
  rows: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  end: ({ rows, asOf }) => `${JSON.stringify({ complete: true, rows, as_of: asOf })}\n`,
};

/** The formats that can stream a list of any length. */
export const rowFormats: readonly RowFormat[] = [csv, ndjson];
