import type { StoredEvent } from "@takings/domain";
import { z } from "zod";
import { momentText } from "./moment-text.ts";

/** The columns that `takings.events` and `takings.events_superseded` share and lists show. */
export const eventFields = `
  event_id, source, type, created, received_at, livemode, account, object_id, payment_intent, status, reason`;

/** Selects the rows of `takings.events` that were current at a moment (a parameter such as `$1`). */
export const eventsAsOf = (moment: string): string => `
  recorded_at <= ${moment}::timestamptz and not exists (
    select from takings.events_superseded as past
    where past.event_id = events.event_id and past.source = events.source
      and past.superseded_at > ${moment}::timestamptz
  )`;

/** The columns that {@link parseEventRow} reads: all but the payload. */
export const eventColumns: string = `
  event_id, source, type, ${momentText("created")} as created_text,
  ${momentText("received_at")} as received_at_text, livemode, account, object_id, payment_intent, status, reason`;

const eventRow = z.object({
  event_id: z.string(),
  source: z.string(),
  type: z.string(),
  created_text: z.string(),
  received_at_text: z.string(),
  livemode: z.boolean().nullable(),
  account: z.string().nullable(),
  object_id: z.string().nullable(),
  payment_intent: z.string().nullable(),
  status: z.enum(["processed", "quarantined"]),
  reason: z.string().nullable(),
});

/** Parses a row of {@link eventColumns}. @throws ZodError when the table has another form. */
export function parseEventRow(row: unknown): StoredEvent {
  const parsed = eventRow.parse(row);
  return {
    eventId: parsed.event_id,
    source: parsed.source,
    type: parsed.type,
    created: parsed.created_text,
    receivedAt: parsed.received_at_text,
    livemode: parsed.livemode,
    account: parsed.account,
    objectId: parsed.object_id,
    paymentIntent: parsed.payment_intent,
    status: parsed.status,
    reason: parsed.reason,
  };
}
