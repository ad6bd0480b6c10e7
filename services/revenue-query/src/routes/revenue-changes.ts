import { changePosition, type Moment } from "@takings/domain";
import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { badParameters } from "../http/http-problem.ts";
import { fingerprint } from "../pagination/cursor.ts";
import { readPage } from "../pagination/read-page.ts";
import { type FilterParameters, filterParameters } from "../parameters/filter.ts";
import { ledgerFilter } from "../parameters/ledger-filter.ts";
import { type PageParameters, pageParameters } from "../parameters/page.ts";
import { readQuery } from "../parameters/read-query.ts";
import { type AsRecordedAt, asRecordedAt, sinceParameter } from "../parameters/recorded-time.ts";
import type { Shape } from "../parameters/shape.ts";
import { type Change, change, changeOf } from "../responses/change.ts";
import { instant, nextCursor } from "../responses/fields.ts";
import { type Heading, heading, headingOf } from "../responses/heading.ts";
import { momentOf } from "../time/instant-text.ts";
import { isAfter, resolveReadTime } from "../time/read-time.ts";
import type { Route, RouteDependencies } from "./route.ts";

type Parameters = FilterParameters & AsRecordedAt & PageParameters & { readonly since: Temporal.Instant };

/** The response of this endpoint. */
export type ChangesResponse = Heading & {
  readonly since: string;
  readonly changes: readonly Change[];
  readonly next_cursor: string | null;
};

const responseSchema: z.ZodType<ChangesResponse> = z
  .object({ ...heading, since: instant, changes: z.array(change), next_cursor: nextCursor })
  .meta({ id: "Changes" });

/** `GET /v1/revenue/changes`: why a total differs from an earlier one. */
export function changesRoute({ reader, installation }: RouteDependencies): Route<ChangesResponse> {
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
      "Every change of the ledger since an instant that affects the range and filter, oldest first. The effects of a " +
      "currency add up to the difference between its totals now and as of `since`. An entry whose currency changed " +
      "is listed twice: once leaving the old currency and once entering the new one.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<ChangesResponse> {
      const query = readQuery(parameters, search);
      const since = momentOf(query.since);
      const filter = ledgerFilter(query, installation, "");
      const { from, to, currency, livemode, source, account } = filter;
      const until = momentOf(query.as_recorded_at);
      const page = await readPage({
        query,
        fingerprint: fingerprint("changes", since, until, from, to, currency, livemode, source, account),
        ids: /^le_[0-9a-f]+:(before|after|both)$/,
        reader,
        firstReadTime: () => endOfPeriod(reader, query),
        read: (asOf, position) => reader.changes({ ...filter, asOf }, since, position),
        position: (row) => ({ time: row.recordedAt, id: changePosition(row) }),
      });
      return {
        ...headingOf({ ...filter, asOf: page.asOf }, query.timezone),
        since,
        changes: page.rows.map((row) => changeOf(row, since)),
        next_cursor: page.nextCursor,
      };
    },
  };
}

/** The end of the compared period. @throws HttpProblem 400 when it is before `since`. */
async function endOfPeriod(
  reader: RouteDependencies["reader"],
  { since, as_recorded_at: until }: Pick<Parameters, "since" | "as_recorded_at">,
): Promise<Moment> {
  const resolved = await resolveReadTime(
    reader,
    until ?? since,
    until === undefined ? "since" : "as_recorded_at",
  );
  const latest = until === undefined ? await reader.safeReadTime() : resolved;
  if (!isAfter(since, latest)) return latest;
  // `since` may come from another replica whose safe read time was ahead of this one's.
  if (until === undefined) return resolved;
  throw badParameters([{ parameter: "since", detail: `must not be later than as_recorded_at, ${resolved}` }]);
}
