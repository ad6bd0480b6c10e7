import type { Route, Rows } from "../../routes/route.ts";
import { rowsPerPage } from "../../streaming/paginate.ts";
import type { Columns } from "../../streaming/row-formats.ts";

/** What an endpoint responds with as rows, for endpoints that respond with all of it at once. */
export function replyRows<Reply extends { readonly as_of: string }>(
  route: Route<Reply>,
  columns: Columns,
  rowsOf: (reply: Reply) => readonly object[],
): Rows {
  return {
    columns,
    async paginate(request) {
      const reply = await route.reply(request);
      const rows = rowsOf(reply);
      async function* pages(): AsyncGenerator<readonly object[]> {
        for (let at = 0; at < rows.length; at += rowsPerPage) yield rows.slice(at, at + rowsPerPage);
      }
      return { asOf: reply.as_of, pages: pages() };
    },
  };
}
