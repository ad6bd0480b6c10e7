import type { Page, StoredEvent } from "@takings/domain";
import { z } from "zod";
import { asOf, type Event, event, type EventSummary, eventSummary, nextCursor } from "./responses.ts";
import { fingerprint } from "./cursor.ts";
import { HttpProblem } from "./http-problem.ts";
import { momentOf } from "./ledger-filter.ts";
import { readPage } from "./page.ts";
import {
  noPageParameters,
  type PageParameters,
  pageParameters,
  type RangeParameters,
  rangeParameters,
  type Shape,
  typeParameter,
} from "./parameters.ts";
import { readQuery } from "./read-query.ts";
import type { Route, RouteDeps } from "./route.ts";
import type { Columns } from "./row-formats.ts";
import { eventSummaryOf } from "./response-rows.ts";
import { isStorableId } from "./storable-id.ts";
import { type Pagination, paginate } from "./pagination.ts";

type EventsResponse = {
  readonly events: readonly EventSummary[];
  readonly next_cursor: string | null;
  readonly as_of: string;
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
};

const positionOf = (row: StoredEvent): NonNullable<Page["after"]> => ({ time: row.created, id: row.eventId });

const missingEvent = "No event with this id is stored.";

const responseSchema: z.ZodType<EventsResponse> = z
  .object({ events: z.array(eventSummary), next_cursor: nextCursor, as_of: asOf })
  .meta({ id: "Events" });

/** `GET /v1/events`: every event that was stored, whether it counts or not. */
export function eventsRoute({ reader }: RouteDeps): Route {
  const parameters: Shape<RangeParameters & PageParameters & { readonly type: string | undefined }> = {
    type: typeParameter,
    ...rangeParameters("UTC"),
    ...pageParameters,
  };
  return {
    path: "/v1/events",
    operationId: "listEvents",
    summary: "Stored events",
    description:
      "Events as Stripe sent them, ascending by `created` and `event_id`; the range is of `created`.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<EventsResponse> {
      const query = readQuery(parameters, search);
      const { type } = query;
      const [from, to] = [momentOf(query.range.from), momentOf(query.range.to)];
      const page = await readPage({
        query,
        fingerprint: fingerprint("events", from, to, type),
        ids: /^evt_\w+$/,
        reader,
        firstReadTime: () => reader.safeReadTime(),
        read: (moment, position) => reader.events({ asOf: moment, from, to, type }, position),
        position: positionOf,
      });
      return { events: page.rows.map(eventSummaryOf), next_cursor: page.nextCursor, as_of: page.asOf };
    },
    rows: {
      columns: eventColumns,
      async paginate({ search }): Promise<Pagination> {
        const { type, range } = readQuery({ ...parameters, ...noPageParameters }, search);
        const asOf = await reader.safeReadTime();
        const filter = { asOf, from: momentOf(range.from), to: momentOf(range.to), type };
        const read = (page: Page): Promise<readonly StoredEvent[]> => reader.events(filter, page);
        return paginate({ asOf, read, position: positionOf, show: eventSummaryOf });
      },
    },
  };
}

/** `GET /v1/events/{event_id}`: one event with its body. */
export function eventRoute({ reader }: RouteDeps): Route {
  const eventId = z
    .string()
    .meta({ description: "Stripe's id of the event.", example: "evt_1NG8Du2eZvKYlo2C" });
  return {
    path: "/v1/events/{event_id}",
    operationId: "getEvent",
    summary: "One event with its body",
    description: "The same fields as in the list, and the body exactly as received, as long as it is kept.",
    parameters: {},
    subject: { parameters: { event_id: eventId }, missing: missingEvent },
    responseSchema: event,
    async reply({ search, path }): Promise<Event> {
      readQuery({}, search);
      const id = path["event_id"] ?? "";
      const stored = isStorableId(id) ? await reader.event(id) : undefined;
      if (stored === undefined) throw new HttpProblem(404, missingEvent);
      return {
        ...eventSummaryOf(stored),
        payload: stored.payload,
        payload_removed_at: stored.payloadRemovedAt,
      };
    },
  };
}
