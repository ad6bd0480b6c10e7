import type { Moment, Page } from "@takings/domain";
import { type Cursor, encodeCursor } from "./cursor.ts";
import { badParameters } from "./http-problem.ts";
import type { PageParameters } from "./parameters.ts";

/** What a walk through a list needs. */
export type Listing<Row> = {
  readonly query: PageParameters;
  /** Names the list and its filter; a cursor of another is refused. */
  readonly fingerprint: string;
  /** The moment that a walk is pinned to when it begins. */
  readonly firstMoment: () => Promise<Moment>;
  readonly read: (asOf: Moment, page: Page) => Promise<readonly Row[]>;
  readonly position: (row: Row) => Cursor["after"];
};

/**
 * One page of a list, as of the moment of its first page: complete and without repeats, whatever is recorded
 * between the pages.
 * @throws HttpProblem 400 when the cursor belongs to another list.
 */
export async function readPage<Row>(
  listing: Listing<Row>,
): Promise<{ readonly rows: readonly Row[]; readonly asOf: Moment; readonly nextCursor: string | null }> {
  const { query, fingerprint } = listing;
  if (query.cursor !== undefined && query.cursor.fingerprint !== fingerprint) {
    const detail = "belongs to a list with other parameters: repeat those of the first page";
    throw badParameters([{ parameter: "cursor", detail }]);
  }
  const asOf = query.cursor?.asOf ?? (await listing.firstMoment());
  // One row more than is shown tells whether there is a next page.
  const read = await listing.read(asOf, { limit: query.limit + 1, after: query.cursor?.after });
  const rows = read.slice(0, query.limit);
  const last = rows.at(-1);
  const isLastPage = read.length <= query.limit || last === undefined;
  const nextCursor = isLastPage ? null : encodeCursor({ asOf, after: listing.position(last), fingerprint });
  return { rows, asOf, nextCursor };
}
