import { changePosition, type Moment } from "@takings/domain";
import type { Temporal } from "temporal-polyfill";
import { isAfter, resolveReadTime } from "./read-time.ts";
import { type ChangesResponse, changesResponse } from "./change-responses.ts";
import { changeOf } from "./change-of.ts";
import { fingerprint } from "./cursor.ts";
import { badParameters } from "./http-problem.ts";
import { headingOf, ledgerFilter, momentOf } from "./ledger-filter.ts";
import { readPage } from "./page.ts";
import {
  type AsRecordedAt,
  asRecordedAt,
  type FilterParameters,
  filterParameters,
  type PageParameters,
  pageParameters,
  type Shape,
  sinceParameter,
} from "./parameters.ts";
import { readQuery } from "./read-query.ts";
import type { Route, RouteDeps } from "./route.ts";

type Parameters = FilterParameters & AsRecordedAt & PageParameters & { readonly since: Temporal.Instant };

/** `GET /v1/revenue/changes`: why an answer is not what it was. */
export function changesRoute({ reader, installation }: RouteDeps): Route {
  const parameters: Shape<Parameters> = {
    since: sinceParameter,
    ...filterParameters(installation.defaultLivemode),
    ...asRecordedAt,
    ...pageParameters,
  };
  return {
    path: "/v1/revenue/changes",
    operationId: "listChanges",
    summary: "What changed in a total since it was read",
    description:
      "Every change of the ledger since a moment that touches the range and filter, the newest last. Per currency the " +
      "effects add up to the difference between the totals as of now and as of `since`. An entry that changed its " +
      "currency is shown twice: as it leaves the one, and as it comes to the other.",
    parameters,
    responseSchema: changesResponse,
    async reply({ search }): Promise<ChangesResponse> {
      const query = readQuery(parameters, search);
      const since = momentOf(query.since);
      const filter = ledgerFilter(query, installation, "");
      const { from, to, currency, livemode, account } = filter;
      const until = momentOf(query.as_recorded_at);
      const page = await readPage({
        query,
        fingerprint: fingerprint("changes", since, until, from, to, currency, livemode, account),
        ids: /^le_[0-9a-f]+:(before|after|both)$/,
        reader,
        firstReadTime: () => untilOf(reader, query),
        read: (asOf, position) => reader.changes({ ...filter, asOf }, since, position),
        position: (change) => ({ time: change.recordedAt, id: changePosition(change) }),
      });
      return {
        ...headingOf({ ...filter, asOf: page.asOf }, query.timezone),
        since,
        changes: page.rows.map((change) => changeOf(change, since)),
        next_cursor: page.nextCursor,
      };
    },
  };
}

/** The later end of the time that is looked at. @throws HttpProblem 400 when it lies before the earlier one. */
async function untilOf(
  reader: RouteDeps["reader"],
  { since, as_recorded_at: until }: Pick<Parameters, "since" | "as_recorded_at">,
): Promise<Moment> {
  const settled = await resolveReadTime(
    reader,
    until ?? since,
    until === undefined ? "since" : "as_recorded_at",
  );
  const latest = until === undefined ? await reader.safeReadTime() : settled;
  if (!isAfter(since, latest)) return latest;
  // Another copy of the service may have been the first to find `since` settled.
  if (until === undefined) return settled;
  throw badParameters([{ parameter: "since", detail: `must not be later than as_recorded_at, ${settled}` }]);
}
