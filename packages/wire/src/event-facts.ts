import type { EventFacts } from "@takings/domain";
import { id, properties, text } from "./field-readers.ts";
import { shownObjects } from "./shown-objects.ts";

type ReadableEvent = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** `2024-10-28.acacia` and `2022-11-15` both begin with a date. https://docs.stripe.com/api/versioning */
const versionDate = /^\d{4}-\d{2}-\d{2}/;

/** What an event states about payments; see {@link EventFacts}. */
export function eventFacts(event: ReadableEvent, created: Date): EventFacts {
  const object = properties(event["data"])["object"];
  return {
    eventId: event.id,
    created,
    type: event.type,
    apiVersion: versionDate.exec(text(event["api_version"]) ?? "")?.[0],
    objectId: objectIdOf(event),
    shows: shownObjects(event.type, object),
  };
}

/** The id of an event's own object; a thin event only names it. */
export function objectIdOf(event: Readonly<Record<string, unknown>>): string | undefined {
  const object = properties(properties(event["data"])["object"]);
  return id(object["id"] ?? properties(event["related_object"])["id"]);
}
