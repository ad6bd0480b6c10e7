import { Temporal } from "temporal-polyfill";
import { noPageParameters } from "../../parameters/page.ts";
import { readQuery } from "../../parameters/read-query.ts";
import type { Route, Rows } from "../../routes/route.ts";
import { rowsPerPage } from "../../streaming/paginate.ts";
import type { Columns } from "../../streaming/row-formats.ts";
import { momentOf } from "../../time/instant-text.ts";

/** A page of a list, as an endpoint responds with it. Without `as_of` it shows the state of when it is read. */
type ListReply = { readonly as_of?: string; readonly next_cursor: string | null };

/** What an endpoint responds with in pages as the rows of all of them, each page read on demand. */
export function pagedRows<Reply extends ListReply>(
  route: Route<Reply>,
  columns: Columns,
  rowsOf: (reply: Reply) => readonly object[],
): Rows {
  return {
    columns,
    async paginate(request) {
      readQuery<Readonly<Record<string, unknown>>>(
        { ...route.parameters, ...noPageParameters },
        request.search,
      );
      const read = (cursor: string | null): Promise<Reply> => {
        const search = new URLSearchParams(request.search);
        search.set("limit", String(rowsPerPage));
        if (cursor !== null) search.set("cursor", cursor);
        return route.reply({ ...request, search });
      };
      const asOf = momentOf(Temporal.Now.instant());
      const first = await read(null);
      async function* pages(): AsyncGenerator<readonly object[]> {
        let page = first;
        yield rowsOf(page);
        while (page.next_cursor !== null) {
          page = await read(page.next_cursor);
          yield rowsOf(page);
        }
      }
      return { asOf: first.as_of ?? asOf, pages: pages() };
    },
  };
}
