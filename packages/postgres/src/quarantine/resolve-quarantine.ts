import { isDeepStrictEqual } from "node:util";
import { type EventKey, type EventRecord, messageIdOf, rulesVersion } from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { RestartTransactionError, withTransactionRestarts } from "../session/restart-transaction.ts";
import { beginRecording } from "../record/recorded-time.ts";
import { scopedFacts } from "../ledger/scoped-facts.ts";
import { changePayments } from "../ledger/change-payments.ts";
import { writeError } from "../session/database-errors.ts";
import { changeBalance } from "../balance/change-balance.ts";
import { contradictionsAmong } from "../balance/contradictions.ts";
import { lockBalance } from "../balance/lock-balance.ts";
import { saidFacts } from "../balance/said-fact.ts";
import { encodeBalance } from "../columns/balance-column.ts";
import { encodeFacts, objectOfFacts } from "../columns/facts-column.ts";
import { inTransaction } from "../session/in-transaction.ts";
import { archiveEventVersions } from "../record/archive-event-versions.ts";
import type { PayloadCodec, StoredPayload } from "../columns/payload-codec.ts";
import { bodyOf } from "../read/read-event.ts";
import { storableText } from "../columns/storable-text.ts";
import { writeCommittedSequences } from "../record/committed-sequences.ts";
import { type Decider, insertDecision } from "./insert-decision.ts";

/** The result of a replay. `kept`: nothing was changed. */
export type ReplayOutcome =
  /** How many entries of the ledger, and how many balance transactions and payouts, were inserted, changed or retracted. */
  | { readonly outcome: "processed"; readonly entries: number; readonly balance: number }
  | { readonly outcome: "kept"; readonly reason: string };

/** What to replay, and on whose decision. */
export type ReplayRequest = {
  readonly event: EventKey;
  /** Reads a body as the consumer of this version does. */
  readonly read: (stored: {
    readonly source: string;
    readonly body: Buffer;
    readonly receivedAt: Date;
  }) => EventRecord;
  readonly decider: Decider;
};

const readText = `
  select received_at, reason, payload, payload_codec from takings.events
  where event_id = $1 and source = $2 and status = 'quarantined'`;
const lockText = `${readText} for update`;

const processText = `
  update takings.events
  set type = $3, created = $4, livemode = $5, account = $6, object_id = $7, payment_intent = $8, facts = $9,
    payment_object = $10, balance = $11, rules = $12, status = 'processed', reason = null, dismissed_at = null,
    recorded_at = $13
  where event_id = $1 and source = $2`;

const dismissText = `
  update takings.events set dismissed_at = $3
  where event_id = $1 and source = $2 and status = 'quarantined' and dismissed_at is null
  returning reason`;

const lockedRow = z.object({
  received_at: z.date(),
  reason: z.string(),
  payload: z.instanceof(Buffer).nullable(),
  payload_codec: z.number(),
});

/**
 * Reads a quarantined event again. If it can be understood now, it becomes a processed event with its entries, in one
 * transaction, as if the consumer had understood it at once. A repetition changes nothing. Must run as the owner of the
 * tables.
 * @throws TakingsError `invalid` when the database rejects the event, `unavailable` when the outcome is unknown.
 */
export async function replayQuarantined(
  pool: Pool,
  codec: PayloadCodec,
  replay: ReplayRequest,
): Promise<ReplayOutcome> {
  const { event } = replay;
  const key = [event.eventId, event.source];
  return inWriteTransaction(pool, `replaying ${messageIdOf(event)}`, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(readText, key);
    if (rows.length === 0) return { outcome: "kept", reason: "it is not in quarantine" };
    const { received_at: receivedAt, reason, payload, payload_codec: number } = lockedRow.parse(rows[0]);
    if (payload === null)
      return { outcome: "kept", reason: "its payload is missing: fetch the event from Stripe again" };
    const body = readBody(codec, { codec: number, bytes: payload }, event.eventId);
    if (body instanceof Error) return { outcome: "kept", reason: body.message };
    const record = replay.read({ source: event.source, body, receivedAt });
    if (record.status === "quarantined") return { outcome: "kept", reason: record.reason ?? "no reason" };
    if (record.eventId !== event.eventId) {
      return { outcome: "kept", reason: `its payload is that of event ${record.eventId}` };
    }
    const balance = await lockBalance(client, saidFacts(record));
    const contradiction = contradictionsAmong([record], balance).get(messageIdOf(event));
    if (contradiction !== undefined) return { outcome: "kept", reason: contradiction };
    let changed = 0;
    const { put, retracted } = await changePayments(client, scopedFacts(record), async (decidedAt) => {
      // Payments are locked before events, here as everywhere else, so that there is no deadlock.
      const { rows: locked } = await client.query<Record<string, unknown>>(lockText, key);
      if (!isDeepStrictEqual(locked, rows))
        throw new RestartTransactionError("the event was changed meanwhile");
      await archiveEventVersions(client, [event], decidedAt);
      await client.query(processText, [
        ...key,
        storableText(record.type),
        record.created,
        record.livemode,
        record.account,
        record.objectId,
        record.paymentIntent,
        encodeFacts(record.facts),
        objectOfFacts(record.facts),
        encodeBalance(record.balance),
        rulesVersion,
        decidedAt,
      ]);
      await insertDecision(client, {
        event,
        decision: "replayed",
        decidedAt,
        reason,
        decider: replay.decider,
      });
      changed = await changeBalance(client, balance, { entering: saidFacts(record) }, decidedAt);
      return { entering: scopedFacts(record) };
    });
    await writeCommittedSequences(client, []);
    return { outcome: "processed", entries: put.length + retracted.length, balance: changed };
  });
}

/**
 * Records the decision that a quarantined event has no effect on the ledger. The event is kept as it is.
 * @returns whether it was undecided before.
 */
export async function dismissQuarantined(pool: Pool, event: EventKey, decider: Decider): Promise<boolean> {
  return inWriteTransaction(pool, `dismissing ${messageIdOf(event)}`, async (client) => {
    const decidedAt = await beginRecording(client);
    const { rows } = await client.query<{ reason: string }>(dismissText, [
      event.eventId,
      event.source,
      decidedAt,
    ]);
    const [dismissed] = rows;
    if (dismissed === undefined) return false;
    await insertDecision(client, {
      event,
      decision: "dismissed",
      decidedAt,
      reason: dismissed.reason,
      decider,
    });
    return true;
  });
}

/** The body, or why it cannot be read: it is damaged, or has a codec of a newer version. */
function readBody(codec: PayloadCodec, stored: StoredPayload, eventId: string): Buffer | Error {
  try {
    return bodyOf(codec, stored, eventId);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function inWriteTransaction<T>(
  pool: Pool,
  doing: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  try {
    return await withTransactionRestarts(() => inTransaction(pool, work));
  } catch (error) {
    throw writeError(error, doing);
  }
}
