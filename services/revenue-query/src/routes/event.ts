import { z } from "zod";
import { HttpProblem } from "../http/http-problem.ts";
import { readQuery } from "../parameters/read-query.ts";
import { type SourceParameter, sourceOfObjectParameter } from "../parameters/source.ts";
import type { Shape } from "../parameters/shape.ts";
import { isStorableId } from "../parameters/storable-id.ts";
import { type Event, event, eventSummaryOf } from "../responses/event.ts";
import { readableBy } from "../scope/scope-of-object.ts";
import type { Route, RouteDependencies } from "./route.ts";

const missing = "No event with this id is stored.";

/** `GET /v1/events/{event_id}`: one event with its body. */
export function eventRoute({ reader, installation }: RouteDependencies): Route<Event> {
  const parameters: Shape<SourceParameter> = { source: sourceOfObjectParameter };
  const eventId = z.string().meta({ description: "Stripe's event id.", example: "evt_1NG8Du2eZvKYlo2C" });
  return {
    path: "/v1/events/{event_id}",
    operationId: "getEvent",
    summary: "One event with its body",
    description: "The fields of the list, and the body exactly as received for as long as it is kept.",
    parameters,
    subject: { parameters: { event_id: eventId }, missing },
    responseSchema: event,
    async reply({ search, path, scope }): Promise<Event> {
      const { source } = readQuery(parameters, search);
      const id = path["event_id"] ?? "";
      const mayRead = await readableBy(scope, { reader, installation });
      const stored = isStorableId(id) ? await reader.event(id, source) : undefined;
      if (stored === undefined || !mayRead(stored)) throw new HttpProblem(404, missing);
      return {
        ...eventSummaryOf(stored),
        payload: scope.bodies ? stored.payload : null,
        payload_removed_at: stored.payloadRemovedAt,
      };
    },
  };
}
