import type { StoredEventWithPayload } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { eventColumns, parseEventRow } from "../columns/event-row.ts";
import { momentText } from "../columns/moment-text.ts";
import type { PayloadCodec, StoredPayload } from "../columns/payload-codec.ts";
import { runRead } from "../session/run-read.ts";

const text = `
  select ${eventColumns}, payload, payload_codec, ${momentText("payload_removed_at")} as payload_removed_at_text
  from takings.events
  where event_id = $1 and source = $2`;

// A constraint of the table ensures that a payload is present or was removed.
const payloadRow = z.union([
  z.object({
    payload: z.instanceof(Buffer),
    payload_codec: z.number(),
    payload_removed_at_text: z.null(),
  }),
  z.object({ payload: z.null(), payload_removed_at_text: z.string() }),
]);

/**
 * One event of a source with its payload exactly as received, or with the time when that was removed. Only UTF-8 is stored, so
 * decoding loses nothing; and unlike a TextDecoder, a Buffer keeps a leading U+FEFF.
 * @throws TakingsError `unavailable`
 * @throws Error naming the event when its stored payload is damaged.
 */
export async function readEvent(
  pool: Pool,
  codec: PayloadCodec,
  eventId: string,
  source: string,
): Promise<StoredEventWithPayload | undefined> {
  const parse = (row: unknown): StoredEventWithPayload => {
    const event = parseEventRow(row);
    const stored = payloadRow.parse(row);
    if (stored.payload === null) {
      return { ...event, payload: null, payloadRemovedAt: stored.payload_removed_at_text };
    }
    const body = bodyOf(codec, { codec: stored.payload_codec, bytes: stored.payload }, eventId);
    return { ...event, payload: body.toString("utf8"), payloadRemovedAt: null };
  };
  const [event] = await runRead(pool, { what: "an event", text, values: [eventId, source], parse });
  return event;
}

/** Decodes the payload of an event. @throws Error naming the event and what to do when it is damaged. */
export function bodyOf(codec: PayloadCodec, stored: StoredPayload, eventId: string): Buffer {
  try {
    return codec.decode(stored);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = "restore this row from a backup, or fetch the event from Stripe again";
    throw new Error(`the stored payload of event ${eventId} cannot be read: ${reason}; ${advice}`, { cause });
  }
}
