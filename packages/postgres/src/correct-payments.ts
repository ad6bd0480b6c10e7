import { type BookedEntry, bookedEntries, type BookedGap, type Books, deriveLedger } from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { beginRecording } from "./begin-recording.ts";
import { repeatFromBeginning } from "./begin-again.ts";
import { byBooks, lockAndGather } from "./change-payments.ts";
import { inTransaction } from "./in-transaction.ts";
import { differencesBetween, fieldsOf, parseStoredEntry, storedEntryColumns } from "./ledger-fields.ts";
import { patiently } from "./patiently.ts";
import type { ComparedPayment } from "./recount.ts";
import { writeGaps } from "./write-gaps.ts";
import { writeLedger } from "./write-ledger.ts";

export type CorrectOptions = {
  /** Payments that another session holds are left alone, rather than waited for. */
  readonly skipLocked?: boolean;
};

/**
 * Makes the entries and gaps of payments what their events make of them now, in a recording of its own: what they said
 * before stays on record, and the totals change with them. Needs the rights of the tables' owner.
 * @returns how many entries were put right.
 * @throws TakingsError `unavailable` when other sessions stay in the way: nothing was changed then.
 */
export function correctPayments(
  pool: Pool,
  payments: readonly ComparedPayment[],
  options: CorrectOptions = {},
): Promise<number> {
  return patiently("correcting the ledger", () =>
    repeatFromBeginning(() => inTransaction(pool, (client) => correct(client, payments, options))),
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
  const groups = free.map(({ root: { objectId, ...books } }) => ({ ...books, objects: new Set([objectId]) }));
  const { facts } = await lockAndGather(client, groups, "left out");
  // After the locks, so it is later than whatever had them before; and answers wait no longer than they must.
  const recordedAt = await beginRecording(client);
  const derived = [...byBooks(facts).values()].map(({ facts: events, ...books }) => ({
    books,
    ledger: deriveLedger(events),
  }));
  const right = new Map(derived.flatMap(({ ledger, books }) => [...bookedEntries(ledger, books)]));
  const ids = new Set([...right.keys(), ...free.flatMap(({ entries }) => entries.map(({ id }) => id))]);
  const { rows } = await client.query(
    `select ${storedEntryColumns} from takings.ledger where id = any($1::text[]) order by id for update`,
    [[...ids]],
  );
  const kept = new Map(rows.map(parseStoredEntry).map((entry) => [entry.id, entry]));
  const put = [...right.values()].filter((entry) => {
    const known = kept.get(entry.id);
    return known === undefined || differencesBetween(known, fieldsOf(entry)).length > 0;
  });
  const takenBack = [...kept.keys()].filter((id) => !right.has(id));
  // What cannot change with an entry (its kind, its object) is put right by taking it back first.
  await writeLedger(client, { put: [], takenBack: [...takenBack, ...otherwiseKeyed(put, kept)] }, recordedAt);
  await writeLedger(client, { put, takenBack: [] }, recordedAt);
  await correctGaps(
    client,
    free,
    derived.flatMap(({ ledger, books }) => ledger.gaps.map((gap) => ({ ...gap, ...books }))),
  );
  return put.length + takenBack.length;
}

function otherwiseKeyed(
  put: readonly BookedEntry[],
  kept: ReadonlyMap<string, ReturnType<typeof parseStoredEntry>>,
): readonly string[] {
  return put.flatMap((entry) => {
    const [known, wanted] = [kept.get(entry.id), fieldsOf(entry)];
    if (known === undefined) return [];
    const isSameKey = (["kind", "account", "livemode", "object_id"] as const).every(
      (name) => known[name] === wanted[name],
    );
    return isSameKey ? [] : [entry.id];
  });
}

const gapsText = `
  delete from takings.gaps
  using unnest($1::text[], $2::text[], $3::boolean[], $4::text[]) as kept (kind, account, livemode, object_id)
  where (gaps.kind, gaps.account, gaps.livemode, gaps.object_id) = (kept.kind, kept.account, kept.livemode, kept.object_id)`;

async function correctGaps(
  client: PoolClient,
  payments: readonly ComparedPayment[],
  right: readonly BookedGap[],
): Promise<void> {
  const kept = payments
    .flatMap(({ gaps }) => gaps.filter((gap) => gap.kept !== undefined))
    .map(({ id }) => id.split(" "));
  if (kept.length > 0) {
    await client.query(gapsText, [
      kept.map(([kind]) => kind),
      kept.map(([, , , account]) => (account === "platform" ? "" : account)),
      kept.map(([, , mode]) => mode === "live"),
      kept.map(([, objectId]) => objectId),
    ]);
  }
  await writeGaps(client, { opened: right, closed: [] });
}

const unlockedObjectsText = `
  select object_id, account, livemode from takings.payment_objects
  where object_id = any($1::text[]) for update skip locked`;
const unlockedEntriesText = `
  select id from takings.ledger where id = any($1::text[]) for update skip locked`;

/** The payments that nobody holds at this moment; they are held from now on. */
async function unlocked(
  client: PoolClient,
  payments: readonly ComparedPayment[],
): Promise<readonly ComparedPayment[]> {
  const key = (books: Books, objectId: string): string =>
    `${objectId} ${String(books.livemode)} ${books.account ?? ""}`;
  const { rows: objects } = await client.query<{ object_id: string; account: string; livemode: boolean }>(
    unlockedObjectsText,
    [payments.map(({ root }) => root.objectId)],
  );
  const keptIds = payments.flatMap(({ entries }) => entries.flatMap(({ kept }) => kept?.id ?? []));
  const { rows: entries } = await client.query<{ id: string }>(unlockedEntriesText, [keptIds]);
  const freeObjects = new Set(objects.map(({ object_id: objectId, ...books }) => key(books, objectId)));
  const freeIds = new Set(entries.map(({ id }) => id));
  return payments.filter(
    ({ root, entries: of }) =>
      freeObjects.has(key(root, root.objectId)) &&
      of.every(({ kept }) => kept === undefined || freeIds.has(kept.id)),
  );
}
