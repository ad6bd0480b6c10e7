import { z } from "zod";
import { asOf, type Entry, entry, nextCursor } from "./answers.ts";
import { fingerprint } from "./cursor.ts";
import { ledgerFilter } from "./ledger-filter.ts";
import { readPage } from "./page.ts";
import {
  type FilterParameters,
  filterParameters,
  type PageParameters,
  pageParameters,
} from "./parameters.ts";
import type { Shape } from "./parameters.ts";
import { readQuery } from "./query.ts";
import type { Route, RouteDeps } from "./route.ts";
import { entryOf } from "./rows.ts";

type LedgerAnswer = {
  readonly entries: readonly Entry[];
  readonly next_cursor: string | null;
  readonly as_of: string;
};

const answer: z.ZodType<LedgerAnswer> = z
  .object({ entries: z.array(entry), next_cursor: nextCursor, as_of: asOf })
  .meta({ id: "Ledger" });

/** `GET /v1/ledger`: the entries behind a total. */
export function ledgerRoute({ reader, installation }: RouteDeps): Route {
  const parameters: Shape<FilterParameters & PageParameters> = {
    ...filterParameters(installation.defaultLivemode),
    ...pageParameters,
  };
  return {
    path: "/v1/ledger",
    operationId: "listEntries",
    summary: "The entries behind a total",
    description: "Signed ledger entries, ascending by `occurred_at` and `id`.",
    parameters,
    answer,
    async reply({ search }): Promise<LedgerAnswer> {
      const query = readQuery(parameters, search);
      const filter = ledgerFilter(query, installation, "");
      const { from, to, currency, livemode, account } = filter;
      const page = await readPage({
        query,
        fingerprint: fingerprint("ledger", from, to, currency, livemode, account),
        latestMoment: () => reader.latestMoment(),
        read: (moment, position) => reader.entries({ ...filter, asOf: moment }, position),
        position: (row) => ({ time: row.occurredAt, id: row.id }),
      });
      return { entries: page.rows.map(entryOf), next_cursor: page.nextCursor, as_of: page.asOf };
    },
  };
}
