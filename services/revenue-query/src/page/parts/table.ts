import { type Html, html } from "../html.ts";

/** A column of a table: its heading, and what it shows of a row. */
export type Column<Row> = {
  readonly title: string;
  readonly cell: (row: Row) => Html | string | null;
  /** Amounts and counts are aligned by their digits. */
  readonly isNumber?: boolean;
  /** The column that names the row. */
  readonly isHeading?: boolean;
};

/** What a table shows. */
export type TableOptions<Row> = {
  /** Names the region that scrolls where the table is wider than the screen. */
  readonly label: string;
  /** Says what the rows are, with the filter: a printed table has nothing else to tell. */
  readonly caption: Html | string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** Said in place of a table without rows. */
  readonly empty: Html | string;
  /** Rows before the others, such as what is carried over. */
  readonly first?: Html;
  /** Rows after the others, such as a sum. */
  readonly foot?: Html;
};

/** A table with a caption, which scrolls on its own where it is wider than the screen. */
export function table<Row>({ label, caption, columns, rows, empty, first, foot }: TableOptions<Row>): Html {
  if (rows.length === 0) return html`<p class="notice">${empty}</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table: ${label}">
<table>
<caption>${caption}</caption>
<thead><tr>${columns.map(headOf)}</tr></thead>
<tbody>
${first}
${rows.map((row) => html`<tr>${columns.map((column) => cellOf(column, row))}</tr>\n`)}</tbody>
${foot !== undefined && html`<tfoot>${foot}</tfoot>`}
</table>
</div>`;
}

function headOf<Row>({ title, isNumber = false }: Column<Row>): Html {
  return isNumber ? html`<th scope="col" class="number">${title}</th>` : html`<th scope="col">${title}</th>`;
}

function cellOf<Row>({ cell, isNumber = false, isHeading = false }: Column<Row>, row: Row): Html {
  const content = cell(row);
  if (isHeading) return html`<th scope="row">${content}</th>`;
  return isNumber ? html`<td class="number">${content}</td>` : html`<td>${content}</td>`;
}
