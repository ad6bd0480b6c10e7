import type { EventRecord, LedgerClaim, Moment } from "@takings/domain";
import type { Client } from "pg";
import { z } from "zod";
import { decodeClaims } from "./claims-column.ts";
import { type PayloadCodec } from "./payload-codec.ts";
import { bodyOf } from "./read-event.ts";

/** An event as it is stored, to be held against its own body. */
export type KeptEvent = Omit<EventRecord, "payload" | "claims"> & {
  /** The body, or why there is none: removed on purpose, or damaged. */
  readonly body: Buffer | "removed" | Error;
  readonly claims: readonly LedgerClaim[] | Error;
};

const declare = `
  declare kept_event no scroll cursor for
  select event_id, type, created, received_at, livemode, account, object_id, payment_intent, status, reason, claims,
    payload, payload_codec
  from takings.events where recorded_at <= $1`;

const pageSize = 500;

const eventRow = z.object({
  event_id: z.string(),
  type: z.string(),
  created: z.date(),
  received_at: z.date(),
  livemode: z.boolean().nullable(),
  account: z.string().nullable(),
  object_id: z.string().nullable(),
  payment_intent: z.string().nullable(),
  status: z.enum(["processed", "quarantined"]),
  reason: z.string().nullable(),
  claims: z.unknown(),
  payload: z.instanceof(Buffer).nullable(),
  payload_codec: z.number(),
});

/** All events recorded up to the moment, in pages and no order, within the client's open transaction. */
export async function* keptEvents(
  client: Client,
  codec: PayloadCodec,
  asOf: Moment,
): AsyncGenerator<readonly KeptEvent[]> {
  await client.query(declare.replace("$1", client.escapeLiteral(asOf)));
  for (;;) {
    const { rows } = await client.query(`fetch ${pageSize} from kept_event`);
    if (rows.length === 0) break;
    yield rows.map((row) => keptEvent(eventRow.parse(row), codec));
  }
  await client.query("close kept_event");
}

function keptEvent(row: z.output<typeof eventRow>, codec: PayloadCodec): KeptEvent {
  const event = {
    eventId: row.event_id,
    type: row.type,
    created: row.created,
    receivedAt: row.received_at,
    livemode: row.livemode,
    account: row.account,
    objectId: row.object_id,
    paymentIntent: row.payment_intent,
    status: row.status,
    reason: row.reason,
  };
  const { payload, payload_codec: number } = row;
  return {
    ...event,
    body:
      payload === null
        ? "removed"
        : attempt(() => bodyOf(codec, { codec: number, bytes: payload }, row.event_id)),
    claims: attempt(() => decodeClaims(row.claims, event)),
  };
}

function attempt<T>(read: () => T): T | Error {
  try {
    return read();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
