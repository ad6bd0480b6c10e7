import { isDeepStrictEqual } from "node:util";
import {
  type ScopedFacts,
  type EventKey,
  type EventRecord,
  type Moment,
  TakingsError,
} from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { RestartTransactionError, withTransactionRestarts } from "../session/restart-transaction.ts";
import { scopedFacts } from "../ledger/scoped-facts.ts";
import { changePayments, type FactsChange } from "../ledger/change-payments.ts";
import { writeError } from "../session/database-errors.ts";
import { deriveBalanceAgain } from "../balance/change-balance.ts";
import { lockWholeBalance } from "../balance/lock-balance.ts";
import { objectOfFact } from "../balance/said-fact.ts";
import { encodeBalance } from "../columns/balance-column.ts";
import { encodeFacts, objectOfFacts } from "../columns/facts-column.ts";
import { inTransaction } from "../session/in-transaction.ts";
import { archiveEventVersions } from "../record/archive-event-versions.ts";
import { retryOnContention } from "../session/retry-on-contention.ts";
import type { PayloadCodec } from "../columns/payload-codec.ts";
import { storableText } from "../columns/storable-text.ts";
import { saidDifferently } from "./said-differently.ts";
import { type EventWithBody, lockEvents, readEvents } from "./stored-events.ts";

/** The new columns of an event, with the version of the rules by which they were read. */
export type EventRewrite = Omit<EventRecord, "payload" | "receivedAt"> & {
  readonly rules: number;
};

/** The new columns of an event, or `undefined` when it stays as it is. */
export type Decide = (stored: EventWithBody) => EventRewrite | undefined;

/** What a rewrite changed. */
export type RewriteResult = {
  readonly events: number;
  /** How many entries of the ledger were inserted, changed or retracted. */
  readonly entries: number;
  /** How many balance transactions and payouts were. */
  readonly balance: number;
  /** How many of the events were processed before and are quarantined now. */
  readonly quarantined: number;
  /** Events whose new columns the database rejects, and why. They stay as they were. */
  readonly refused: readonly (EventKey & { readonly reason: string })[];
};

const text = `
  update takings.events
  set type = incoming.type, created = incoming.created, livemode = incoming.livemode, account = incoming.account,
    object_id = incoming.object_id, payment_intent = incoming.payment_intent, status = incoming.status,
    reason = incoming.reason, facts = incoming.facts, payment_object = incoming.payment_object,
    rules = incoming.rules, balance = incoming.balance
  from unnest(
    $1::text[], $2::text[], $3::timestamptz[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::jsonb[], $11::text[], $12::smallint[], $13::jsonb[], $14::text[]
  ) as incoming (
    event_id, type, created, livemode, account, object_id, payment_intent, status, reason, facts, payment_object,
    rules, balance, source
  )
  where (events.event_id, events.source) = (incoming.event_id, incoming.source)`;

/**
 * Rewrites the columns of events other than their payloads, and the ledger with them. Lists and totals as of an earlier
 * time stay the same. Each event is read again under its lock before `decide` is called. Must run as the owner of the
 * tables.
 */
export async function rewriteEvents(
  pool: Pool,
  codec: PayloadCodec,
  keys: readonly EventKey[],
  decide: Decide,
): Promise<RewriteResult> {
  try {
    const rewritten = await retryOnContention("rewriting events", () =>
      withTransactionRestarts(() => inTransaction(pool, (client) => rewrite(client, codec, keys, decide))),
    );
    return { ...rewritten, refused: [] };
  } catch (cause) {
    const error = cause instanceof TakingsError ? cause : writeError(cause, "the columns of an event");
    if (!(error instanceof TakingsError) || error.code !== "invalid") throw error;
    const [only, ...others] = keys;
    if (only === undefined) throw error;
    if (others.length === 0)
      return { ...nothing, refused: [{ source: only.source, eventId: only.eventId, reason: error.message }] };
    // One of them is rejected; both halves are tried separately to find it.
    const middle = Math.ceil(keys.length / 2);
    const first = await rewriteEvents(pool, codec, keys.slice(0, middle), decide);
    return mergeResults(first, await rewriteEvents(pool, codec, keys.slice(middle), decide));
  }
}

const nothing = { events: 0, entries: 0, balance: 0, quarantined: 0 };

function mergeResults(a: RewriteResult, b: RewriteResult): RewriteResult {
  return {
    events: a.events + b.events,
    entries: a.entries + b.entries,
    balance: a.balance + b.balance,
    quarantined: a.quarantined + b.quarantined,
    refused: [...a.refused, ...b.refused],
  };
}

type Change = { readonly before: EventWithBody; readonly record: EventRewrite };

async function rewrite(
  client: PoolClient,
  codec: PayloadCodec,
  keys: readonly EventKey[],
  decide: Decide,
): Promise<Omit<RewriteResult, "refused">> {
  const expected = changesOf(await readEvents(client, codec, keys), decide);
  if (expected.length === 0) return nothing;
  let changes: readonly Change[] = [];
  let balance = 0;
  const said = expected.flatMap(saidDifferently);
  const locked = said.length === 0 ? undefined : await lockWholeBalance(client, said.map(objectOfFact));
  const affectedFacts = [...expected.flatMap(factsBefore), ...expected.flatMap(factsNow)];
  const apply = async (recordedAt: Moment): Promise<FactsChange> => {
    changes = changesOf(await lockEvents(client, codec, keys), decide);
    if (
      !isDeepStrictEqual(changes.flatMap(factsBefore), expected.flatMap(factsBefore)) ||
      !isDeepStrictEqual(changes.flatMap(saidDifferently), said)
    )
      throw new RestartTransactionError("events were changed meanwhile");
    const shownDifferently = changes.filter(({ before, record }) => isShownDifferently(before, record));
    if (shownDifferently.length > 0)
      await archiveEventVersions(
        client,
        shownDifferently.map(({ record }) => record),
        recordedAt,
      );
    await write(client, changes);
    const objects = said.map(objectOfFact);
    balance = locked === undefined ? 0 : await deriveBalanceAgain(client, locked, objects, recordedAt);
    return { entering: changes.flatMap(factsNow), leaving: changes.flatMap(factsBefore) };
  };
  const { put, retracted } = await changePayments(client, affectedFacts, apply);
  const quarantined = changes.filter(({ before, record }) => record.status !== before.status).length;
  return { events: changes.length, entries: put.length + retracted.length, balance, quarantined };
}

function changesOf(stored: readonly EventWithBody[], decide: Decide): readonly Change[] {
  return stored.flatMap((before) => {
    const record = decide(before);
    return record === undefined ? [] : [{ before, record: storable(record) }];
  });
}

/** Facts that cannot be parsed are left to the comparison of the ledger. */
function factsBefore({ before: { facts, ...event } }: Change): readonly ScopedFacts[] {
  return facts instanceof Error ? [] : scopedFacts({ ...event, facts });
}

function factsNow({ record }: Change): readonly ScopedFacts[] {
  return scopedFacts(record);
}

async function write(client: PoolClient, changes: readonly Change[]): Promise<void> {
  const records = changes.map(({ record }) => record);
  await client.query(text, [
    records.map(({ eventId }) => eventId),
    records.map(({ type }) => type),
    records.map(({ created }) => created.toISOString()),
    records.map(({ livemode }) => livemode),
    records.map(({ account }) => account),
    records.map(({ objectId }) => objectId),
    records.map(({ paymentIntent }) => paymentIntent),
    records.map(({ status }) => status),
    records.map(({ reason }) => reason),
    records.map(({ facts }) => encodeFacts(facts)),
    records.map(({ facts }) => objectOfFacts(facts)),
    records.map(({ rules }) => rules),
    records.map(({ balance }) => encodeBalance(balance)),
    records.map(({ source }) => source),
  ]);
}

function storable(record: EventRewrite): EventRewrite {
  const { type, reason } = record;
  return { ...record, type: storableText(type), reason: reason && storableText(reason) };
}

const shownColumns = [
  "type",
  "created",
  "livemode",
  "account",
  "objectId",
  "paymentIntent",
  "status",
  "reason",
] as const;

/** Whether lists show it differently, or at another position, from now on. */
function isShownDifferently(before: EventWithBody, record: EventRewrite): boolean {
  return shownColumns.some((name) => !isDeepStrictEqual(before[name], record[name]));
}
