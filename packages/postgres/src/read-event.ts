import type { StoredEvent } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { eventColumns, parseEventRow } from "./event-row.ts";
import { runRead } from "./run-read.ts";

const text = `select ${eventColumns}, payload from takings.events where event_id = $1`;
const payloadRow = z.object({ payload: z.instanceof(Buffer) });

/**
 * One event with its body exactly as received. Only UTF-8 is ever stored, so decoding loses nothing; and unlike a
 * TextDecoder, a Buffer keeps a leading U+FEFF.
 * @throws TakingsError `unavailable`
 */
export async function readEvent(
  pool: Pool,
  eventId: string,
): Promise<(StoredEvent & { readonly payload: string }) | undefined> {
  const parse = (row: unknown): StoredEvent & { readonly payload: string } => ({
    ...parseEventRow(row),
    payload: payloadRow.parse(row).payload.toString("utf8"),
  });
  const [event] = await runRead(pool, { what: "an event", text, values: [eventId], parse });
  return event;
}
