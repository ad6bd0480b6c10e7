import { isDeepStrictEqual } from "node:util";
import { type EventRecord, rulesVersion } from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { RestartTransactionError, withTransactionRestarts } from "../session/restart-transaction.ts";
import { beginRecording } from "../record/recorded-time.ts";
import { scopedFacts } from "../ledger/scoped-facts.ts";
import { changePayments } from "../ledger/change-payments.ts";
import { writeError } from "../session/database-errors.ts";
import { encodeFacts, objectOfFacts } from "../columns/facts-column.ts";
import { inTransaction } from "../session/in-transaction.ts";
import { archiveEventVersions } from "../record/archive-event-versions.ts";
import type { PayloadCodec, StoredPayload } from "../columns/payload-codec.ts";
import { bodyOf } from "../read/read-event.ts";
import { storableText } from "../columns/storable-text.ts";
import { writeCommittedSequences } from "../record/committed-sequences.ts";

/** Who decides, by default the login, and why. It stays on record. */
export type Decider = { readonly by?: string | undefined; readonly note?: string | undefined };

/** What became of an event that was to be replayed. Only `processed` has changed anything. */
export type ReplayOutcome =
  /** `entries`: how many of the ledger are new, other, or gone with it. */
  | { readonly outcome: "processed"; readonly entries: number }
  | { readonly outcome: "kept"; readonly reason: string };

export type Replay = {
  readonly eventId: string;
  /** What a body means by today's code; as the consumer reads it. */
  readonly read: (stored: { readonly body: Buffer; readonly receivedAt: Date }) => EventRecord;
  readonly decider: Decider;
};

const readText = `
  select received_at, reason, payload, payload_codec from takings.events
  where event_id = $1 and status = 'quarantined'`;
const lockText = `${readText} for update`;

const processText = `
  update takings.events
  set type = $2, created = $3, livemode = $4, account = $5, object_id = $6, payment_intent = $7, facts = $8,
    payment_object = $9, rules = $10, status = 'processed', reason = null, dismissed_at = null, recorded_at = $11
  where event_id = $1`;

const dismissText = `
  update takings.events set dismissed_at = $2
  where event_id = $1 and status = 'quarantined' and dismissed_at is null
  returning reason`;

const decideText = `
  insert into takings.quarantine_decisions (event_id, decision, decided_at, decided_by, reason, note)
  values ($1, $2, $3, coalesce($4, session_user), $5, $6)`;

const lockedRow = z.object({
  received_at: z.date(),
  reason: z.string(),
  payload: z.instanceof(Buffer).nullable(),
  payload_codec: z.number(),
});

/**
 * Reads an event in quarantine again. If it can be understood now, it becomes a processed event with its entries, in
 * one transaction and exactly as if the consumer had understood it at once; repeating that changes nothing.
 * Needs the rights of the tables' owner.
 * @throws TakingsError `invalid` when the database refuses what the event says, `unavailable` when in doubt.
 */
export async function replayQuarantined(
  pool: Pool,
  codec: PayloadCodec,
  replay: Replay,
): Promise<ReplayOutcome> {
  const { eventId } = replay;
  return resolving(pool, `replaying ${eventId}`, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(readText, [eventId]);
    if (rows.length === 0) return { outcome: "kept", reason: "it is not in quarantine" };
    const { received_at: receivedAt, reason, payload, payload_codec: number } = lockedRow.parse(rows[0]);
    if (payload === null)
      return { outcome: "kept", reason: "its body is gone: fetch the event from Stripe again" };
    const body = readBody(codec, { codec: number, bytes: payload }, eventId);
    if (body instanceof Error) return { outcome: "kept", reason: body.message };
    const record = replay.read({ body, receivedAt });
    if (record.status === "quarantined") return { outcome: "kept", reason: record.reason ?? "no reason" };
    if (record.eventId !== eventId) {
      return { outcome: "kept", reason: `its body is that of event ${record.eventId}` };
    }
    const { put, retracted } = await changePayments(client, scopedFacts(record), async (decidedAt) => {
      // Payments first, then events: so does everybody who has to wait for both.
      const { rows: locked } = await client.query<Record<string, unknown>>(lockText, [eventId]);
      if (!isDeepStrictEqual(locked, rows))
        throw new RestartTransactionError("the event was changed meanwhile");
      await archiveEventVersions(client, [eventId], decidedAt);
      await client.query(processText, [
        eventId,
        storableText(record.type),
        record.created,
        record.livemode,
        record.account,
        record.objectId,
        record.paymentIntent,
        encodeFacts(record.facts),
        objectOfFacts(record.facts),
        rulesVersion,
        decidedAt,
      ]);
      await note(client, { eventId, decision: "replayed", decidedAt, reason, decider: replay.decider });
      return { entering: scopedFacts(record) };
    });
    await writeCommittedSequences(client, []);
    return { outcome: "processed", entries: put.length + retracted.length };
  });
}

/**
 * Notes that an event in quarantine means nothing for the ledger. It is kept as it is, and is not open any more.
 * @returns whether it was open before.
 */
export async function dismissQuarantined(pool: Pool, eventId: string, decider: Decider): Promise<boolean> {
  return resolving(pool, `dismissing ${eventId}`, async (client) => {
    const decidedAt = await beginRecording(client);
    const { rows } = await client.query<{ reason: string }>(dismissText, [eventId, decidedAt]);
    const [dismissed] = rows;
    if (dismissed === undefined) return false;
    await note(client, { eventId, decision: "dismissed", decidedAt, reason: dismissed.reason, decider });
    return true;
  });
}

type Noted = {
  readonly eventId: string;
  readonly decision: "replayed" | "dismissed";
  readonly decidedAt: string;
  readonly reason: string;
  readonly decider: Decider;
};

async function note(
  client: PoolClient,
  { eventId, decision, decidedAt, reason, decider }: Noted,
): Promise<void> {
  await client.query(decideText, [
    eventId,
    decision,
    decidedAt,
    decider.by ?? null,
    reason,
    decider.note ?? null,
  ]);
}

/** The body, or why it cannot be read: damaged, or stored in a way that a newer version knows. */
function readBody(codec: PayloadCodec, stored: StoredPayload, eventId: string): Buffer | Error {
  try {
    return bodyOf(codec, stored, eventId);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function resolving<T>(pool: Pool, doing: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  try {
    return await withTransactionRestarts(() => inTransaction(pool, work));
  } catch (error) {
    throw writeError(error, doing);
  }
}
