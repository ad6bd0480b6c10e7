import type { Moment, Page, PaymentReader } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { badParameters, type HttpProblem } from "../http/http-problem.ts";
import { cursorAdvice, type PageParameters } from "../parameters/page.ts";
import { resolveReadTime } from "../time/read-time.ts";
import { type Cursor, encodeCursor } from "./cursor.ts";

/** What reading a page of any list needs. */
type PagedList<Row> = {
  readonly query: PageParameters;
  /** Identifies the list and its filter; a cursor with another fingerprint is rejected. */
  readonly fingerprint: string;
  /** Matches the ids of the list's positions. */
  readonly ids: RegExp;
  readonly position: (row: Row) => Cursor["after"];
};

/** A list that can be read as of an instant. */
export type Listing<Row> = PagedList<Row> & {
  readonly reader: Pick<PaymentReader, "safeReadTime">;
  /** The read time of the first page, which all further pages keep. */
  readonly firstReadTime: () => Promise<Moment>;
  readonly read: (asOf: Moment, page: Page) => Promise<readonly Row[]>;
};

/** A list of the current state. */
export type CurrentListing<Row> = PagedList<Row> & {
  readonly read: (page: Page) => Promise<readonly Row[]>;
};

type PageOf<Row> = { readonly rows: readonly Row[]; readonly nextCursor: string | null };

/**
 * Reads one page of a list, as of the read time of its first page. The pages together are complete and without
 * duplicates, whatever is recorded between them.
 * @throws HttpProblem 400 when the cursor belongs to another list or filter, or was not returned by this list.
 */
export async function readPage<Row>(listing: Listing<Row>): Promise<PageOf<Row> & { readonly asOf: Moment }> {
  const cursor = cursorOf(listing);
  const asOf = cursor === undefined ? await listing.firstReadTime() : await pinnedReadTime(cursor, listing);
  const page = await cutPage(listing, asOf, (page) => listing.read(asOf, page));
  return { ...page, asOf };
}

/**
 * Reads one page of a list of the current state. A row that exists throughout appears exactly once; a row that
 * appears or disappears between two pages may be missing.
 * @throws HttpProblem 400 as {@link readPage}.
 */
export async function readCurrentPage<Row>(listing: CurrentListing<Row>): Promise<PageOf<Row>> {
  cursorOf(listing);
  return cutPage(listing, null, listing.read);
}

function cursorOf<Row>({ query: { cursor }, fingerprint, ids }: PagedList<Row>): Cursor | undefined {
  if (cursor !== undefined && cursor.fingerprint !== fingerprint) {
    throw badCursor("belongs to a list with other parameters: repeat those of the first page");
  }
  if (cursor !== undefined && !ids.test(cursor.after.id)) throw badCursor(cursorAdvice);
  return cursor;
}

async function pinnedReadTime<Row>({ asOf }: Cursor, { reader }: Listing<Row>): Promise<Moment> {
  if (asOf === null) throw badCursor(cursorAdvice);
  return resolveReadTime(reader, Temporal.Instant.from(asOf), "cursor");
}

async function cutPage<Row>(
  { query, fingerprint, position }: PagedList<Row>,
  asOf: Cursor["asOf"],
  read: CurrentListing<Row>["read"],
): Promise<PageOf<Row>> {
  // One row more than the page holds shows whether there is a next page.
  const found = await read({ limit: query.limit + 1, after: query.cursor?.after });
  const rows = found.slice(0, query.limit);
  const last = rows.at(-1);
  const isLastPage = found.length <= query.limit || last === undefined;
  return { rows, nextCursor: isLastPage ? null : encodeCursor({ asOf, after: position(last), fingerprint }) };
}

function badCursor(detail: string): HttpProblem {
  return badParameters([{ parameter: "cursor", detail }]);
}
