import type { Moment, Page, PaymentReader } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { resolveReadTime } from "./read-time.ts";
import { type Cursor, encodeCursor } from "./cursor.ts";
import { badParameters, type HttpProblem } from "./http-problem.ts";
import { cursorAdvice, type PageParameters } from "./parameters.ts";

/** What a walk through any list needs. */
type Pages<Row> = {
  readonly query: PageParameters;
  /** Names the list and its filter; a cursor of another is refused. */
  readonly fingerprint: string;
  /** What the ids of its positions look like. */
  readonly ids: RegExp;
  readonly position: (row: Row) => Cursor["after"];
};

/** What a walk needs through a list that can be read as of a moment. */
export type Listing<Row> = Pages<Row> & {
  readonly reader: Pick<PaymentReader, "safeReadTime">;
  /** The moment that a walk is pinned to when it begins. */
  readonly firstReadTime: () => Promise<Moment>;
  readonly read: (asOf: Moment, page: Page) => Promise<readonly Row[]>;
};

/** What a walk needs through a list of what stands at present. */
export type CurrentListing<Row> = Pages<Row> & {
  readonly read: (page: Page) => Promise<readonly Row[]>;
};

type PageOf<Row> = { readonly rows: readonly Row[]; readonly nextCursor: string | null };

/**
 * One page of a list, as of the moment of its first page: complete and without repeats, whatever is recorded
 * between the pages.
 * @throws HttpProblem 400 when the cursor belongs to another list, or was never one that this list gave.
 */
export async function readPage<Row>(listing: Listing<Row>): Promise<PageOf<Row> & { readonly asOf: Moment }> {
  const cursor = cursorOf(listing);
  const asOf = cursor === undefined ? await listing.firstReadTime() : await pinnedReadTime(cursor, listing);
  const page = await cutPage(listing, asOf, (page) => listing.read(asOf, page));
  return { ...page, asOf };
}

/**
 * One page of a list of what stands at present. A row that stands all the while is met once, one that goes or comes
 * between the pages may not be.
 * @throws HttpProblem 400 as {@link readPage}.
 */
export async function readCurrentPage<Row>(listing: CurrentListing<Row>): Promise<PageOf<Row>> {
  cursorOf(listing);
  return cutPage(listing, null, listing.read);
}

function cursorOf<Row>({ query: { cursor }, fingerprint, ids }: Pages<Row>): Cursor | undefined {
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
  { query, fingerprint, position }: Pages<Row>,
  asOf: Cursor["asOf"],
  read: CurrentListing<Row>["read"],
): Promise<PageOf<Row>> {
  // One row more than is shown tells whether there is a next page.
  const found = await read({ limit: query.limit + 1, after: query.cursor?.after });
  const rows = found.slice(0, query.limit);
  const last = rows.at(-1);
  const isLastPage = found.length <= query.limit || last === undefined;
  return { rows, nextCursor: isLastPage ? null : encodeCursor({ asOf, after: position(last), fingerprint }) };
}

function badCursor(detail: string): HttpProblem {
  return badParameters([{ parameter: "cursor", detail }]);
}
