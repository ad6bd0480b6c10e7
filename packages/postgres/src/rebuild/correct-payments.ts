import { type ScopedEntry, scopedEntries, deriveLedger } from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { withTransactionRestarts } from "../session/restart-transaction.ts";
import { beginRecording } from "../record/recorded-time.ts";
import { groupByScope } from "../ledger/scoped-facts.ts";
import { inTransaction } from "../session/in-transaction.ts";
import {
  differencesBetween,
  fieldsOf,
  parseStoredEntry,
  type StoredEntry,
  storedEntryColumns,
} from "./ledger-fields.ts";
import { lockAndGather } from "../ledger/lock-and-gather.ts";
import { retryOnContention } from "../session/retry-on-contention.ts";
import { objectColumns, objectKey, scopeOf } from "../ledger/payment-objects.ts";
import type { ComparedPayment } from "./compared-payments.ts";
import { writeGaps } from "../ledger/write-gaps.ts";
import { writeLedger } from "../ledger/write-ledger.ts";

/** How to treat payments that other sessions hold. */
export type CorrectOptions = {
  /** Skips payments that another session holds, instead of waiting for them. */
  readonly skipLocked?: boolean;
};

/**
 * Replaces the entries and gaps of payments by those that follow from their events, in a recording. Previous versions are
 * kept, and the totals change with the entries. Must run as the owner of the tables.
 * @returns how many entries were corrected.
 * @throws TakingsError `unavailable` when other sessions prevent it: nothing was changed.
 */
export function correctPayments(
  pool: Pool,
  payments: readonly ComparedPayment[],
  options: CorrectOptions = {},
): Promise<number> {
  return retryOnContention("correcting the ledger", () =>
    withTransactionRestarts(() => inTransaction(pool, (client) => correct(client, payments, options))),
  );
}

/** As {@link correctPayments}, at the end of the client's open transaction. */
export async function correct(
  client: PoolClient,
  payments: readonly ComparedPayment[],
  { skipLocked = false }: CorrectOptions = {},
): Promise<number> {
  const free = skipLocked ? await unlocked(client, payments) : payments;
  if (free.length === 0) return 0;
  const groups = free.map(({ root: { objectId, ...scope } }) => ({ ...scope, objects: new Set([objectId]) }));
  const { facts } = await lockAndGather(client, groups);
  // After the locks, so it is later than the recordings that held them before, and readers wait no longer than necessary.
  const recordedAt = await beginRecording(client);
  const derived = [...groupByScope(facts).values()].map(({ scope, facts: events }) => ({
    scope,
    ledger: deriveLedger(events),
  }));
  const wanted = new Map(derived.flatMap(({ ledger, scope }) => [...scopedEntries(ledger, scope)]));
  const ids = new Set([...wanted.keys(), ...free.flatMap(({ entries }) => entries.map(({ id }) => id))]);
  const { rows } = await client.query(
    `select ${storedEntryColumns} from takings.ledger where id = any($1::text[]) order by id for update`,
    [[...ids]],
  );
  const stored = new Map(rows.map(parseStoredEntry).map((entry) => [entry.id, entry]));
  const put = [...wanted.values()].filter((entry) => {
    const known = stored.get(entry.id);
    return known === undefined || differencesBetween(known, fieldsOf(entry)).length > 0;
  });
  const retracted = [...stored.keys()].filter((id) => !wanted.has(id));
  // An update cannot change the key of an entry (its kind, its object), so an entry with a wrong key is retracted first.
  await writeLedger(client, { put: [], retracted: [...retracted, ...withOtherKey(put, stored)] }, recordedAt);
  await writeLedger(client, { put, retracted: [] }, recordedAt);
  const storedGaps = free.flatMap(({ gaps }) =>
    gaps.flatMap(({ key, stored }) => (stored === undefined ? [] : [key])),
  );
  await writeGaps(client, { opened: [], closed: storedGaps });
  const derivedGaps = derived.flatMap(({ ledger, scope }) =>
    ledger.gaps.map((gap) => ({ ...gap, ...scope })),
  );
  await writeGaps(client, { opened: derivedGaps, closed: [] });
  return put.length + retracted.length;
}

function withOtherKey(
  put: readonly ScopedEntry[],
  stored: ReadonlyMap<string, StoredEntry>,
): readonly string[] {
  return put.flatMap((entry) => {
    const [known, wanted] = [stored.get(entry.id), fieldsOf(entry)];
    if (known === undefined) return [];
    const isSameKey = (["kind", "source", "account", "livemode", "object_id"] as const).every(
      (name) => known[name] === wanted[name],
    );
    return isSameKey ? [] : [entry.id];
  });
}

const unlockedObjectsText = `
  select object_id, source, account, livemode from takings.payment_objects
  where (object_id, source, account, livemode)
    in (select * from unnest($1::text[], $2::text[], $3::text[], $4::boolean[]))
  for update skip locked`;
const unlockedEntriesText = `
  select id from takings.ledger where id = any($1::text[]) for update skip locked`;

type ObjectRow = Readonly<{ object_id: string; source: string; account: string; livemode: boolean }>;

/** The payments that no other session holds. Locks them. */
async function unlocked(
  client: PoolClient,
  payments: readonly ComparedPayment[],
): Promise<readonly ComparedPayment[]> {
  const { rows: objects } = await client.query<ObjectRow>(
    unlockedObjectsText,
    objectColumns(payments.map(({ root }) => root)),
  );
  const storedIds = payments.flatMap(({ entries }) => entries.flatMap(({ stored }) => stored?.id ?? []));
  const { rows: entries } = await client.query<{ id: string }>(unlockedEntriesText, [storedIds]);
  const freeObjects = new Set(
    objects.map(({ object_id: objectId, ...of }) => objectKey({ ...scopeOf(of), objectId })),
  );
  const freeIds = new Set(entries.map(({ id }) => id));
  return payments.filter(
    ({ root, entries: of }) =>
      freeObjects.has(objectKey(root)) &&
      of.every(({ stored }) => stored === undefined || freeIds.has(stored.id)),
  );
}
