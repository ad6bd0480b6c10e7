import type { Moment, Page, PaymentReader } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { settledMoment } from "./as-of.ts";
import { type Cursor, encodeCursor } from "./cursor.ts";
import { badParameters } from "./http-problem.ts";
import { cursorAdvice, type PageParameters } from "./parameters.ts";

/** What a walk through a list needs. */
export type Listing<Row> = {
  readonly query: PageParameters;
  /** Names the list and its filter; a cursor of another is refused. */
  readonly fingerprint: string;
  /** What the ids of its positions look like. */
  readonly ids: RegExp;
  readonly reader: Pick<PaymentReader, "latestMoment">;
  /** The moment that a walk is pinned to when it begins. */
  readonly firstMoment: () => Promise<Moment>;
  readonly read: (asOf: Moment, page: Page) => Promise<readonly Row[]>;
  readonly position: (row: Row) => Cursor["after"];
};

/**
 * One page of a list, as of the moment of its first page: complete and without repeats, whatever is recorded
 * between the pages.
 * @throws HttpProblem 400 when the cursor belongs to another list, or was never one that this list gave.
 */
export async function readPage<Row>(
  listing: Listing<Row>,
): Promise<{ readonly rows: readonly Row[]; readonly asOf: Moment; readonly nextCursor: string | null }> {
  const { query, fingerprint, reader } = listing;
  if (query.cursor !== undefined && query.cursor.fingerprint !== fingerprint) {
    const detail = "belongs to a list with other parameters: repeat those of the first page";
    throw badParameters([{ parameter: "cursor", detail }]);
  }
  if (query.cursor !== undefined && !listing.ids.test(query.cursor.after.id)) {
    throw badParameters([{ parameter: "cursor", detail: cursorAdvice }]);
  }
  const asOf =
    query.cursor === undefined
      ? await listing.firstMoment()
      : await settledMoment(reader, Temporal.Instant.from(query.cursor.asOf), "cursor");
  // One row more than is shown tells whether there is a next page.
  const read = await listing.read(asOf, { limit: query.limit + 1, after: query.cursor?.after });
  const rows = read.slice(0, query.limit);
  const last = rows.at(-1);
  const isLastPage = read.length <= query.limit || last === undefined;
  const nextCursor = isLastPage ? null : encodeCursor({ asOf, after: listing.position(last), fingerprint });
  return { rows, asOf, nextCursor };
}
