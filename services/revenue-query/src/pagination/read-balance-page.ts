import type { Moment, Page, PaymentReader } from "@takings/domain";
import type { PageParameters } from "../parameters/page.ts";
import type { AsRecordedAt } from "../parameters/recorded-time.ts";
import { momentOf } from "../time/instant-text.ts";
import { resolveReadTime } from "../time/read-time.ts";
import { fingerprint } from "./cursor.ts";
import { type Listing, readPage } from "./read-page.ts";

/** What reading a page of a list of the balance needs. */
type BalanceListing<Row, Filter> = {
  /** Identifies the list in cursors. */
  readonly name: string;
  readonly query: PageParameters & AsRecordedAt;
  readonly filter: Filter;
  readonly reader: Pick<PaymentReader, "safeReadTime">;
  readonly read: (filter: Filter & { readonly asOf: Moment }, page: Page) => Promise<readonly Row[]>;
  readonly position: Listing<Row>["position"];
};

/** Reads one page of a list whose positions are those of `balancePosition`; see {@link readPage}. */
export function readBalancePage<Row, Filter extends object>({
  name,
  query,
  filter,
  reader,
  read,
  position,
}: BalanceListing<Row, Filter>): ReturnType<typeof readPage<Row>> {
  return readPage({
    query,
    fingerprint: fingerprint(name, ...Object.entries(filter).flat(), momentOf(query.as_recorded_at)),
    ids: /^[a-z0-9-]+:[\w-]*:[^\s\p{C}]+$/u,
    reader,
    firstReadTime: () => resolveReadTime(reader, query.as_recorded_at),
    read: (asOf, page) => read({ ...filter, asOf }, page),
    position,
  });
}
