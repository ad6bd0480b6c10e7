import type { Moment, Page } from "@takings/domain";

/** A list as of one moment, to be read to its end, a page at a time. */
export type Pagination = { readonly asOf: Moment; readonly pages: AsyncIterable<readonly object[]> };

/** What a walk needs: how to read a page, where a row stands, and how it is shown. */
export type PaginationOptions<Row> = {
  readonly asOf: Moment;
  readonly read: (page: Page) => Promise<readonly Row[]>;
  readonly position: (row: Row) => NonNullable<Page["after"]>;
  readonly show: (row: Row) => object;
};

/** Writing a page as CSV holds up all other answers meanwhile: this many take about ten milliseconds. */
const rowsPerPage = 500;

/**
 * Reads a list page by page, each when it is asked for. What is read is pinned to a moment, so the pages need no
 * cursor of the database's and no transaction around them: between two pages nothing is held, neither a connection
 * nor an old row that the database would have to keep for a reader who is slow.
 */
export function paginate<Row>({ asOf, read, position, show }: PaginationOptions<Row>): Pagination {
  async function* pages(): AsyncGenerator<readonly object[]> {
    let after: Page["after"];
    for (;;) {
      const rows = await read({ limit: rowsPerPage, after });
      if (rows.length > 0) yield rows.map(show);
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsPerPage) return;
      after = position(last);
    }
  }
  return { asOf, pages: pages() };
}
