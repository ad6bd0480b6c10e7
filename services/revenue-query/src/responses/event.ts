import type { StoredEvent } from "@takings/domain";
import { z } from "zod";
import { account, instant, source } from "./fields.ts";

/** A stored event in a response, without its body. */
export type EventSummary = {
  readonly event_id: string;
  readonly type: string;
  readonly created: string;
  readonly received_at: string;
  readonly source: string;
  readonly livemode: boolean | null;
  readonly account: string | null;
  readonly object_id: string | null;
  readonly status: "processed" | "quarantined";
  readonly reason: string | null;
};

/** A stored event in a response, with its body. */
export type Event = EventSummary & {
  readonly payload: string | null;
  readonly payload_removed_at: string | null;
};

const fields = {
  event_id: z.string(),
  type: z.string(),
  created: instant,
  received_at: instant,
  source,
  livemode: z.boolean().nullable(),
  account,
  object_id: z.string().nullable(),
  status: z.enum(["processed", "quarantined"]).meta({
    description: "quarantined: it could not be interpreted; so it stays after it was dismissed.",
  }),
  reason: z.string().nullable().meta({ description: "Why the event is quarantined; null when it is not." }),
};

/** Schema of {@link EventSummary}. */
export const eventSummary: z.ZodType<EventSummary> = z
  .object(fields)
  .meta({ id: "EventSummary", description: "A stored event without its body." });

/** Schema of {@link Event}. */
export const event: z.ZodType<Event> = z
  .object({
    ...fields,
    payload: z.string().nullable().meta({
      description:
        "The body exactly as received, as one string; null once it has been removed, and for a token that may not read bodies.",
    }),
    payload_removed_at: instant
      .nullable()
      .meta({ description: "When the body was removed to save space; null while it is kept." }),
  })
  .meta({ id: "Event", description: "A stored event with its body." });

/** Converts a stored event to its response form, without its body. */
export function eventSummaryOf(stored: StoredEvent): EventSummary {
  return {
    event_id: stored.eventId,
    type: stored.type,
    created: stored.created,
    received_at: stored.receivedAt,
    source: stored.source,
    livemode: stored.livemode,
    account: stored.account,
    object_id: stored.objectId,
    status: stored.status,
    reason: stored.reason,
  };
}
