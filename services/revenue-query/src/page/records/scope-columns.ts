import type { Column } from "../parts/table.ts";
import { idText } from "./id-text.ts";
import { accountWords, modeWords } from "./words.ts";

/** A row that belongs to an account of a source. */
type ScopedRow = {
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean | null;
};

/** The columns of account and source, each where the rows of a list may differ in it. */
export function scopeColumns<Row extends ScopedRow>(search: URLSearchParams): Column<Row>[] {
  return [
    ...(search.get("account") === "*" ? [accountColumn] : []),
    ...(search.get("source") === "*" ? [sourceColumn] : []),
  ];
}

/** The account of a row. */
export const accountColumn: Column<ScopedRow> = {
  title: "Account",
  cell: ({ account }) => (account === null ? accountWords(account) : idText(account)),
};

/** The source of a row. */
export const sourceColumn: Column<ScopedRow> = { title: "Source", cell: ({ source }) => source };

/** The mode of a row. */
export const modeColumn: Column<ScopedRow> = { title: "Mode", cell: ({ livemode }) => modeWords(livemode) };

/** The columns of account and mode, each where rows differ in it. */
export function differingColumns(rows: readonly ScopedRow[]): Column<ScopedRow>[] {
  return [
    ...(new Set(rows.map(({ account }) => account)).size > 1 ? [accountColumn] : []),
    ...(new Set(rows.map(({ livemode }) => livemode)).size > 1 ? [modeColumn] : []),
  ];
}
