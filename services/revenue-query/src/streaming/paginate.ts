import type { Moment, Page } from "@takings/domain";

/** A whole list as of one instant, read page by page. */
export type Pagination = { readonly asOf: Moment; readonly pages: AsyncIterable<readonly object[]> };

/** How to read a page, where a row stands in the list, and its response form. */
export type PaginationOptions<Row> = {
  readonly asOf: Moment;
  readonly read: (page: Page) => Promise<readonly Row[]>;
  readonly position: (row: Row) => NonNullable<Page["after"]>;
  readonly format: (row: Row) => object;
};

/** Formatting a page as CSV blocks the event loop: this many rows take about ten milliseconds. */
export const rowsPerPage = 500;

/**
 * Reads a list page by page, each page on demand. All pages are read as of one instant, so they need neither a
 * database cursor nor a transaction: between two pages no connection is held, and no old row version has to be kept for
 * a slow client.
 */
export function paginate<Row>({ asOf, read, position, format }: PaginationOptions<Row>): Pagination {
  async function* pages(): AsyncGenerator<readonly object[]> {
    let after: Page["after"];
    for (;;) {
      const rows = await read({ limit: rowsPerPage, after });
      if (rows.length > 0) yield rows.map(format);
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsPerPage) return;
      after = position(last);
    }
  }
  return { asOf, pages: pages() };
}
