import { z } from "zod";
import { type FilterParameters, filterParameters } from "../parameters/filter.ts";
import { ledgerFilter } from "../parameters/ledger-filter.ts";
import { readQuery } from "../parameters/read-query.ts";
import { type AsRecordedAt, asRecordedAt } from "../parameters/recorded-time.ts";
import type { Shape } from "../parameters/shape.ts";
import { type Heading, heading, headingOf } from "../responses/heading.ts";
import { linksOf } from "../responses/ledger-link.ts";
import {
  reconciliationOf,
  type ReconciliationStatus,
  reconciliationStatus,
} from "../responses/reconciliation.ts";
import { syncedScopesOf } from "../responses/balance-standing.ts";
import { type Settlement, settlement, settlementOf } from "../responses/settlement.ts";
import { type Total, total, totalsOf } from "../responses/total.ts";
import { resolveReadTime } from "../time/read-time.ts";
import type { Route, RouteDependencies } from "./route.ts";

/** The response of this endpoint. */
export type RevenueResponse = Heading & {
  readonly reconciliation: ReconciliationStatus | null;
  readonly settlement: Settlement | null;
  readonly totals: readonly Total[];
};

const responseSchema: z.ZodType<RevenueResponse> = z
  .object({
    ...heading,
    reconciliation: reconciliationStatus,
    settlement,
    totals: z.array(total).meta({ description: "One per currency that has entries, sorted by currency." }),
  })
  .meta({ id: "Revenue" });

/** `GET /v1/revenue`: one total per currency. */
export function revenueRoute({ reader, balance, installation }: RouteDependencies): Route<RevenueResponse> {
  const parameters: Shape<FilterParameters & AsRecordedAt> = {
    ...filterParameters(installation.defaultLivemode),
    ...asRecordedAt,
  };
  return {
    path: "/v1/revenue",
    operationId: "getRevenue",
    summary: "Revenue per currency",
    description: "Payments, refunds, disputes and net revenue of a time range: one exact total per currency.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<RevenueResponse> {
      const query = readQuery(parameters, search);
      const scopes = await syncedScopesOf(query, installation, balance);
      const filter = ledgerFilter(query, installation, await resolveReadTime(reader, query.as_recorded_at));
      const isCurrent = query.as_recorded_at === undefined;
      const [sums, reconciliation, settled] = await Promise.all([
        reader.sums(filter),
        // A response as of an earlier instant must never change, and the reconciliation status does.
        isCurrent ? reconciliationOf(filter, reader) : null,
        settlementOf(filter, balance, scopes),
      ]);
      const totals = totalsOf(sums, linksOf(filter));
      return { ...headingOf(filter, query.timezone), reconciliation, settlement: settled, totals };
    },
  };
}
