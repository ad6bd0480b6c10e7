import type { SeriesResponse } from "../../routes/revenue-series.ts";
import type { Route, Rows } from "../../routes/route.ts";
import type { Columns } from "../../streaming/row-formats.ts";

const columns: Columns = {
  start: "start",
  end: "end",
  currency: "currency",
  "gross.minor": "gross_minor",
  "gross.major": "gross_major",
  "refunded.minor": "refunded_minor",
  "refunded.major": "refunded_major",
  "disputed.minor": "disputed_minor",
  "disputed.major": "disputed_major",
  "net.minor": "net_minor",
  "net.major": "net_major",
  "counts.payments": "payments",
  "counts.refunds": "refunds",
  "counts.disputes": "disputes",
  ledger: "ledger",
};

/** Formatting a page blocks the event loop. */
const rowsPerPage = 500;

/** A series as rows: one for each bucket and currency with entries. The API bounds how many buckets there are. */
export function seriesRows(series: Route<SeriesResponse>): Rows {
  return {
    columns,
    async paginate(request) {
      const { as_of: asOf, buckets } = await series.reply(request);
      const rows = buckets.flatMap(({ start, end, totals }) =>
        totals.map((total) => ({ start, end, ...total })),
      );
      async function* pages(): AsyncGenerator<readonly object[]> {
        for (let at = 0; at < rows.length; at += rowsPerPage) yield rows.slice(at, at + rowsPerPage);
      }
      return { asOf, pages: pages() };
    },
  };
}
