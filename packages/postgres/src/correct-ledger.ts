import { isDeepStrictEqual } from "node:util";
import type { Pool, PoolClient } from "pg";
import { beginRecording } from "./begin-recording.ts";
import { inTransaction } from "./in-transaction.ts";
import { type EntryFields, parseStoredEntry, storedEntryColumns } from "./ledger-fields.ts";
import { patiently } from "./patiently.ts";
import type { ComparedEntry } from "./recount.ts";

const lockText = `
  select ${storedEntryColumns} from takings.ledger where ledger.id = any($1::text[]) order by ledger.id for update`;

export type CorrectOptions = {
  /** Entries that another session holds are left alone, rather than waited for. */
  readonly skipLocked?: boolean;
};

// What is wrong moves to the history.
const takeBackText = `
  with wrong as (
    delete from takings.ledger where id = any($2::text[]) returning *
  ),
  history as (
    insert into takings.ledger_superseded
    select *, greatest(recorded_at, $1::timestamptz) from wrong
  )
  insert into takings.meter_pending
  select greatest(recorded_at, $1::timestamptz), livemode, account, takings.quarter_of(occurred_at), currency, effect.*
  from wrong cross join lateral takings.effect_of(kind, amount, -1) as effect`;

// What is right is recorded now. An entry that a batch has made meanwhile stays as it is.
const putRightText = `
  with put_right as (
    insert into takings.ledger (
      id, kind, account, livemode, object_id, amount, currency, occurred_at, event_created, event_id, payment_intent,
      payment_intent_created, payment_intent_event_id, recorded_at
    )
    select *, $1::timestamptz
    from jsonb_to_recordset($2::jsonb) as entry (
      id text, kind text, account text, livemode boolean, object_id text, amount bigint, currency text,
      occurred_at timestamptz, event_created timestamptz, event_id text, payment_intent text,
      payment_intent_created timestamptz, payment_intent_event_id text
    )
    order by id
    on conflict (id) do nothing
    returning *
  ),
  metered as (
    insert into takings.meter_pending
    select recorded_at, livemode, account, takings.quarter_of(occurred_at), currency, effect.*
    from put_right cross join lateral takings.effect_of(kind, amount, 1) as effect
  )
  select id from put_right`;

/**
 * Puts entries right, in a recording of its own: what they said before stays on record, and the totals change with
 * them. An entry that is not as it was compared any more is left alone: it has to be compared again.
 * @returns how many were put right.
 * @throws TakingsError `unavailable` when other sessions stay in the way: nothing was changed then.
 */
export function correctLedger(
  pool: Pool,
  entries: readonly ComparedEntry[],
  options: CorrectOptions = {},
): Promise<number> {
  return patiently("correcting the ledger", () =>
    inTransaction(pool, (client) => correctEntries(client, entries, options)),
  );
}

/** As {@link correctLedger}, at the end of the client's open transaction. */
export async function correctEntries(
  client: PoolClient,
  entries: readonly ComparedEntry[],
  { skipLocked = false }: CorrectOptions = {},
): Promise<number> {
  const { rows } = await client.query(skipLocked ? `${lockText} skip locked` : lockText, [
    entries.map(({ id }) => id),
  ]);
  const current = new Map(rows.map(parseStoredEntry).map((entry) => [entry.id, entry]));
  const unchanged = entries.filter(({ id, kept }) => isDeepStrictEqual(current.get(id), kept));
  if (unchanged.length === 0) return 0;
  // After the locks, so it is later than whatever had them before; and answers wait no longer than they must.
  const recordedAt = await beginRecording(client);
  const wrong = unchanged.flatMap(({ kept }) => kept?.id ?? []);
  const right = unchanged.flatMap(({ recounted }) => recounted ?? []);
  await client.query(takeBackText, [recordedAt, wrong]);
  const put = await client.query(putRightText, [recordedAt, JSON.stringify(right.map(written))]);
  return unchanged.length - right.length + put.rows.length;
}

/** An entry as JSON that `jsonb_to_recordset` reads. */
function written(entry: EntryFields): Record<string, unknown> {
  const { occurred_at, event_created, payment_intent_created, ...others } = entry;
  return {
    ...others,
    occurred_at: instant(occurred_at),
    event_created: instant(event_created),
    payment_intent_created: payment_intent_created === null ? null : instant(payment_intent_created),
  };
}

/** A recounted instant is whole milliseconds, as `Date` has them. */
function instant(micros: string): string {
  return new Date(Number(BigInt(micros) / 1_000n)).toISOString();
}
