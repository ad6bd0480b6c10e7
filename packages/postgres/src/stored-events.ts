import type { EventRecord, LedgerClaim } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { decodeClaims } from "./claims-column.ts";
import { type PayloadCodec } from "./payload-codec.ts";
import { bodyOf } from "./read-event.ts";

/** An event as it is stored, to be held against its own body. */
export type KeptEvent = Omit<EventRecord, "payload" | "claims"> & {
  /** The body, or why there is none: removed on purpose, or damaged. */
  readonly body: Buffer | "removed" | Error;
  readonly claims: readonly LedgerClaim[] | Error;
  /** The version of the rules by which it was read. */
  readonly rules: number;
};

const columns = `
  event_id, type, created, received_at, livemode, account, object_id, payment_intent, status, reason, claims, rules,
  payload, payload_codec`;

const declare = `declare kept_event no scroll cursor for select ${columns} from takings.events`;

// In the order of the key, so that whoever else locks several of them waits and does not meet us head-on.
const lock = `
  select ${columns} from takings.events where event_id = any($1::text[]) order by event_id for no key update`;

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
  rules: z.number(),
  payload: z.instanceof(Buffer).nullable(),
  payload_codec: z.number(),
});

/** All events that the client's open transaction sees, in pages and no order. */
export async function* keptEvents(
  client: ClientBase,
  codec: PayloadCodec,
): AsyncGenerator<readonly KeptEvent[]> {
  await client.query(declare);
  for (;;) {
    const { rows } = await client.query(`fetch ${pageSize} from kept_event`);
    if (rows.length === 0) break;
    yield rows.map((row) => keptEvent(eventRow.parse(row), codec));
  }
  await client.query("close kept_event");
}

/** These events as they are now, locked until the client's transaction ends. Needs the owner's rights. */
export async function lockEvents(
  client: ClientBase,
  codec: PayloadCodec,
  eventIds: readonly string[],
): Promise<readonly KeptEvent[]> {
  const { rows } = await client.query(lock, [eventIds]);
  return rows.map((row) => keptEvent(eventRow.parse(row), codec));
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
    rules: row.rules,
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
