import { z } from "zod";
import { heading, type Heading, type Total, total } from "./responses.ts";
import { resolveReadTime } from "./read-time.ts";
import { headingOf, ledgerFilter } from "./ledger-filter.ts";
import { linksOf } from "./ledger-link.ts";
import {
  type AsRecordedAt,
  asRecordedAt,
  type FilterParameters,
  filterParameters,
  type Shape,
} from "./parameters.ts";
import { readQuery } from "./read-query.ts";
import { reconciliationResponse, type ReconciliationResponse, reconciliationOf } from "./reconciliation.ts";
import type { Route, RouteDeps } from "./route.ts";
import { totalsOf } from "./totals.ts";

type RevenueResponse = Heading & {
  readonly reconciliation: ReconciliationResponse | null;
  readonly totals: readonly Total[];
};

const responseSchema: z.ZodType<RevenueResponse> = z
  .object({
    ...heading,
    reconciliation: reconciliationResponse,
    totals: z.array(total).meta({ description: "One per currency that has entries, sorted by currency." }),
  })
  .meta({ id: "Revenue" });

/** `GET /v1/revenue`: one total per currency. */
export function revenueRoute({ reader, installation }: RouteDeps): Route {
  const parameters: Shape<FilterParameters & AsRecordedAt> = {
    ...filterParameters(installation.defaultLivemode),
    ...asRecordedAt,
  };
  return {
    path: "/v1/revenue",
    operationId: "getRevenue",
    summary: "Revenue per currency",
    description: "What was taken, given back and kept in a range of time: one exact total per currency.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<RevenueResponse> {
      const query = readQuery(parameters, search);
      const filter = ledgerFilter(query, installation, await resolveReadTime(reader, query.as_recorded_at));
      const isPresent = query.as_recorded_at === undefined;
      const [sums, reconciliation] = await Promise.all([
        reader.sums(filter),
        // An answer as of an earlier moment is the same for ever, and this is not.
        isPresent ? reconciliationOf(filter, reader) : null,
      ]);
      const totals = totalsOf(sums, linksOf(filter));
      return { ...headingOf(filter, query.timezone), reconciliation, totals };
    },
  };
}
