import { type EventFilter, messageIdOf, type Moment, type Page, type StoredEvent } from "@takings/domain";
import { z } from "zod";
import { fingerprint } from "../pagination/cursor.ts";
import { readPage } from "../pagination/read-page.ts";
import {
  type RangeParameters,
  rangeParameters,
  type ScopeOfEventsParameters,
  scopeOfEventsParameters,
} from "../parameters/filter.ts";
import { type Installation, resolveAccount } from "../parameters/ledger-filter.ts";
import { noPageParameters, type PageParameters, pageParameters } from "../parameters/page.ts";
import type { Range } from "../parameters/range.ts";
import { readQuery } from "../parameters/read-query.ts";
import { type SourceParameter, sourceParameter } from "../parameters/source.ts";
import type { Shape } from "../parameters/shape.ts";
import { isStorableId } from "../parameters/storable-id.ts";
import { type EventSummary, eventSummary, eventSummaryOf } from "../responses/event.ts";
import { asOf, nextCursor } from "../responses/fields.ts";
import { paginate, type Pagination } from "../streaming/paginate.ts";
import type { Columns } from "../streaming/row-formats.ts";
import { momentOf } from "../time/instant-text.ts";
import type { Route, RouteDependencies } from "./route.ts";

/** The response of this endpoint. */
export type EventsResponse = {
  readonly events: readonly EventSummary[];
  readonly next_cursor: string | null;
  readonly as_of: string;
};

const responseSchema: z.ZodType<EventsResponse> = z
  .object({ events: z.array(eventSummary), next_cursor: nextCursor, as_of: asOf })
  .meta({ id: "Events" });

type Parameters = RangeParameters &
  SourceParameter &
  ScopeOfEventsParameters &
  PageParameters & {
    readonly type: string | undefined;
    readonly status: EventSummary["status"] | undefined;
    readonly object_id: string | undefined;
  };

const eventColumns: Columns = {
  event_id: "event_id",
  type: "type",
  created: "created",
  received_at: "received_at",
  livemode: "livemode",
  account: "account",
  object_id: "object_id",
  status: "status",
  reason: "reason",
  source: "source",
};

const typeParameter: z.ZodType<string | undefined> = z
  .string()
  .regex(/^[^\s*>.]+(\.[^\s*>.]+)*$/, "must be an event type, such as charge.refunded")
  .refine((type) => !type.includes("\0"), "must not contain a NUL character")
  .max(255, "must be at most 255 characters long")
  .optional()
  .meta({ description: "Only events of this type.", example: "charge.refunded" });

const statusParameter: z.ZodType<EventSummary["status"] | undefined> = z
  .enum(["processed", "quarantined"], "must be processed or quarantined")
  .optional()
  .meta({
    description:
      "Only processed events, or only those in quarantine that await a decision. Omitted: all, also those that were dismissed.",
  });

const objectParameter: z.ZodType<string | undefined> = z
  .string()
  .refine(isStorableId, "must be an id: 1 to 500 characters without NUL")
  .optional()
  .meta({
    description: "Only events that are about this object, or name it as their payment.",
    example: "re_3MtwBwLkdIwHu7ix2kYLFmKq",
  });

const positionOf = (row: StoredEvent): NonNullable<Page["after"]> => ({
  time: row.created,
  id: messageIdOf(row),
});

/** `GET /v1/events`: all stored events, whether or not they affect the ledger. */
export function eventsRoute({ reader, installation }: RouteDependencies): Route<EventsResponse> {
  const parameters: Shape<Parameters> = {
    type: typeParameter,
    status: statusParameter,
    object_id: objectParameter,
    source: sourceParameter,
    ...scopeOfEventsParameters,
    ...rangeParameters("UTC"),
    ...pageParameters,
  };
  return {
    path: "/v1/events",
    operationId: "listEvents",
    summary: "Stored events",
    description:
      "Events as Stripe sent them, in ascending order of `created`, `event_id` and `source`. The range applies to " +
      "`created`. Readings of the balance are listed only when `type` or `object_id` asks for them, or as quarantined.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<EventsResponse> {
      const query = readQuery(parameters, search);
      const filter = filterOf(query, installation, "");
      const { from, to, type, source } = filter;
      const page = await readPage({
        query,
        fingerprint: fingerprint("events", from, to, type, source, ...limitsOf(filter)),
        ids: /^([a-z0-9-]+\/)?evt_\w+$/,
        reader,
        firstReadTime: () => reader.safeReadTime(),
        read: (asOf, position) => reader.events({ ...filter, asOf }, position),
        position: positionOf,
      });
      return { events: page.rows.map(eventSummaryOf), next_cursor: page.nextCursor, as_of: page.asOf };
    },
    rows: {
      columns: eventColumns,
      async paginate({ search }): Promise<Pagination> {
        const query = readQuery({ ...parameters, ...noPageParameters }, search);
        const asOf = await reader.safeReadTime();
        const filter = filterOf(query, installation, asOf);
        const read = (page: Page): Promise<readonly StoredEvent[]> => reader.events(filter, page);
        return paginate({ asOf, read, position: positionOf, format: eventSummaryOf });
      },
    },
  };
}

/** The filter of a query, for the read time of a page. */
function filterOf(
  query: Omit<Parameters, keyof PageParameters> & { readonly range: Range },
  installation: Installation,
  asOf: Moment,
): EventFilter {
  const { type, status, object_id: objectId, source, livemode, range } = query;
  const account = resolveAccount(query, installation);
  const [from, to] = [momentOf(range.from), momentOf(range.to)];
  return { asOf, from, to, type, status, objectId, source, account, livemode };
}

/** The newer limits of a filter. Without any of them a cursor is what it was before there were these. */
function limitsOf({ account, livemode, status, objectId }: EventFilter): unknown[] {
  const limits = [account === "*" ? undefined : [account], livemode, status, objectId];
  return limits.every((limit) => limit === undefined) ? [] : limits;
}
