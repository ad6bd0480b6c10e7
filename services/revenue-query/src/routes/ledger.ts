import type { LedgerEntry, LedgerPage, Page } from "@takings/domain";
import { z } from "zod";
import { fingerprint } from "../pagination/cursor.ts";
import { readPage } from "../pagination/read-page.ts";
import { type FilterParameters, filterParameters } from "../parameters/filter.ts";
import { ledgerFilter } from "../parameters/ledger-filter.ts";
import { noPageParameters, type PageParameters, pageParameters } from "../parameters/page.ts";
import { readQuery } from "../parameters/read-query.ts";
import { type AsRecordedAt, asRecordedAt } from "../parameters/recorded-time.ts";
import type { Shape } from "../parameters/shape.ts";
import { type Entry, entry, entryOf } from "../responses/entry.ts";
import { asOf, nextCursor } from "../responses/fields.ts";
import { paginate, type Pagination } from "../streaming/paginate.ts";
import type { Columns } from "../streaming/row-formats.ts";
import { momentOf } from "../time/instant-text.ts";
import { resolveReadTime } from "../time/read-time.ts";
import type { Route, RouteDependencies } from "./route.ts";

/** The response of this endpoint. */
export type LedgerResponse = {
  readonly entries: readonly Entry[];
  readonly next_cursor: string | null;
  readonly as_of: string;
};

const responseSchema: z.ZodType<LedgerResponse> = z
  .object({ entries: z.array(entry), next_cursor: nextCursor, as_of: asOf })
  .meta({ id: "Ledger" });

type Order = NonNullable<LedgerPage["order"]>;
type Parameters = FilterParameters & AsRecordedAt & PageParameters & { readonly order: Order };

const orderParameter: z.ZodType<Order> = z
  .enum(["asc", "desc"], "must be asc or desc")
  .default("asc")
  .meta({ description: "`desc`: the newest entry first." });

const entryColumns: Columns = {
  id: "id",
  kind: "kind",
  "amount.minor": "amount_minor",
  "amount.major": "amount_major",
  currency: "currency",
  occurred_at: "occurred_at",
  recorded_at: "recorded_at",
  object_id: "object_id",
  payment_intent: "payment_intent",
  event_id: "event_id",
  account: "account",
  livemode: "livemode",
  source: "source",
};

const positionOf = (row: LedgerEntry): NonNullable<Page["after"]> => ({ time: row.occurredAt, id: row.id });

/** `GET /v1/ledger`: the entries behind a total. */
export function ledgerRoute({ reader, installation }: RouteDependencies): Route<LedgerResponse> {
  const parameters: Shape<Parameters> = {
    ...filterParameters(installation.defaultLivemode),
    order: orderParameter,
    ...asRecordedAt,
    ...pageParameters,
  };
  return {
    path: "/v1/ledger",
    operationId: "listEntries",
    summary: "The entries behind a total",
    description:
      "Signed ledger entries, in order of `occurred_at` and `id`: ascending unless `order` says otherwise.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<LedgerResponse> {
      const query = readQuery(parameters, search);
      const filter = ledgerFilter(query, installation, "");
      const { from, to, currency, livemode, source, account } = filter;
      const recordedAt = momentOf(query.as_recorded_at);
      const { order } = query;
      // An ascending cursor is the same as before there was an order.
      const direction = order === "asc" ? [] : [order];
      const page = await readPage({
        query,
        fingerprint: fingerprint(
          "ledger",
          from,
          to,
          currency,
          livemode,
          source,
          account,
          recordedAt,
          ...direction,
        ),
        ids: /^le_[0-9a-f]+$/,
        reader,
        firstReadTime: () => resolveReadTime(reader, query.as_recorded_at),
        read: (moment, position) => reader.entries({ ...filter, asOf: moment }, { ...position, order }),
        position: positionOf,
      });
      return { entries: page.rows.map(entryOf), next_cursor: page.nextCursor, as_of: page.asOf };
    },
    rows: {
      columns: entryColumns,
      async paginate({ search }): Promise<Pagination> {
        const query = readQuery({ ...parameters, ...noPageParameters }, search);
        const asOf = await resolveReadTime(reader, query.as_recorded_at);
        const filter = ledgerFilter(query, installation, asOf);
        const read = (page: Page): Promise<readonly LedgerEntry[]> =>
          reader.entries(filter, { ...page, order: query.order });
        return paginate({ asOf, read, position: positionOf, format: entryOf });
      },
    },
  };
}
