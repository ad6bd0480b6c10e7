import { createHash } from "node:crypto";
import type { ClientBase } from "pg";
import { z } from "zod";
import { parsePayoutRow, parseTransactionRow, type StoredTransaction } from "./balance-rows.ts";
import { ownPayoutOf, type PayoutState } from "./fold.ts";
import { type BalanceObjectKey, balanceKey, objectOfFact, type SaidFact } from "./said-fact.ts";

/** An id with its source: the same id in two sources is of two objects. */
export type SourceId = { readonly source: string; readonly id: string };

/** A {@link SourceId} as text. */
export function idInSource({ source, id }: SourceId): string {
  return `${source} ${id}`;
}

/** What is locked until the client's transaction ends, as it is stored. */
export type LockedBalance = {
  /** By {@link balanceKey key}. */
  readonly transactions: ReadonlyMap<string, StoredTransaction>;
  /** By {@link balanceKey key}: those of `payoutIds` that are known. */
  readonly payouts: ReadonlyMap<string, PayoutState>;
  /** Those that were looked for, by {@link idInSource}. */
  readonly payoutIds: ReadonlySet<string>;
  /** Whether no other session can record this payout, or a transaction as its own one. */
  isPayoutLocked(payout: SourceId): boolean;
};

const buckets = 64;
/** The class of these advisory locks; "takp" in ASCII. */
const lockClass = 0x74_61_6b_70;

// A set-returning function is evaluated in the order of its rows, so all sessions lock in the same order.
const lockText = "select pg_advisory_xact_lock($1, bucket) from unnest($2::integer[]) as bucket";

const tryLockText = `
  select bucket from unnest($2::integer[]) as bucket where not pg_try_advisory_xact_lock($1, bucket)`;

// An index finds the ids; the hashed list leaves out the same ids of other sources. So nothing of these is locked.
const idsAreWanted = (column: string, ids: string, sources: string): string =>
  `${column} = any(${ids}::text[]) and (${column}, source) in (select * from unnest(${ids}::text[], ${sources}::text[]))`;
/** Transactions with the ids `$1` of the sources `$2`, and the own transactions of the payouts `$3` of the sources `$4`. */
const areWanted = `(
    ${idsAreWanted("id", "$1", "$2")}
    or reporting_category = 'payout' and ${idsAreWanted("source_id", "$3", "$4")}
  )`;

// Planned each time, because a plan that was made while the table was small would read all of it.
const transactionsText = `
  select * from takings.balance_transactions
  where ${areWanted}
  order by id, source, account, livemode
  for update`;
// Transactions that another session has inserted and not committed are not seen here.
const tryLockTransactionsText = `
  with wanted as (
    select id, source, account, livemode, source_id from takings.balance_transactions where ${areWanted}
  ),
  locked as (
    select id, source, account, livemode from takings.balance_transactions
    where (id, source) in (select id, source from wanted)
    for update skip locked
  )
  select id, source, source_id from wanted
  where (id, source, account, livemode) not in (select id, source, account, livemode from locked)`;
const payoutsText = `select * from takings.payouts where ${idsAreWanted("id", "$1", "$2")}`;

const bucketRow = z.object({ bucket: z.int() });
const heldRow = z.object({ id: z.string(), source: z.string(), source_id: z.string().nullable() });

/**
 * Locks what these facts are about, without waiting. Returns those that could not be locked, because another session
 * holds their payout or balance transaction.
 */
export async function tryLockBalance(
  client: ClientBase,
  facts: readonly SaidFact[],
): Promise<ReadonlySet<SaidFact>> {
  if (facts.length === 0) return new Set();
  const held = await tryLockBuckets(client, new Set(facts.flatMap(payoutsOf).map(bucketOf)));
  const objects = facts.map(objectOfFact);
  const { rows } = await client.query<Record<string, unknown>>(tryLockTransactionsText, [
    ...idColumns(ofKind(objects, "transaction")),
    ...idColumns(ofKind(objects, "payout")),
  ]);
  const heldObjects = new Set(
    rows
      .map((row) => heldRow.parse(row))
      .flatMap(({ id, source, source_id: about }) => [
        idInSource({ source, id }),
        ...(about === null ? [] : [idInSource({ source, id: about })]),
      ]),
  );
  const isHeld = (fact: SaidFact): boolean =>
    heldObjects.has(idInSource(objectOfFact(fact))) ||
    payoutsOf(fact).some((payout) => held.has(bucketOf(payout)));
  return new Set(facts.filter(isHeld));
}

/** Takes the locks of {@link lockWholeBalance} without waiting. Returns whether it has all of them. */
export async function tryLockWholeBalance(client: ClientBase): Promise<boolean> {
  return (await tryLockBuckets(client, allBuckets)).size === 0;
}

/** Returns the buckets that another session holds. */
async function tryLockBuckets(client: ClientBase, wanted: ReadonlySet<number>): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<Record<string, unknown>>(tryLockText, [lockClass, [...wanted]]);
  return new Set(rows.map((row) => bucketRow.parse(row).bucket));
}

/** The payouts that must not change while a fact is written: the one it is about, or whose own transaction it is. */
function payoutsOf({ source, fact }: SaidFact): readonly SourceId[] {
  const id = fact.kind === "payout" ? fact.payout.id : ownPayoutOf(fact.transaction);
  return id === null ? [] : [{ source, id }];
}

/** Locks what these facts are about, and reads it: balance transactions, payouts, and the own transactions of payouts. */
export function lockBalance(client: ClientBase, facts: readonly SaidFact[]): Promise<LockedBalance> {
  const payouts = facts.flatMap(payoutsOf);
  return lock(client, facts.map(objectOfFact), new Set(payouts.map(bucketOf)), payouts);
}

/**
 * As {@link lockBalance}, and so that no other session can change any payout: what is known of these objects may be
 * derived from all of their events, whatever these say.
 */
export function lockWholeBalance(
  client: ClientBase,
  objects: readonly BalanceObjectKey[],
): Promise<LockedBalance> {
  return lock(client, objects, allBuckets, []);
}

async function lock(
  client: ClientBase,
  objects: readonly BalanceObjectKey[],
  locked: ReadonlySet<number>,
  ownPayouts: readonly SourceId[],
): Promise<LockedBalance> {
  if (locked.size > 0) {
    const ordered = [...locked].toSorted((a, b) => a - b);
    await client.query(lockText, [lockClass, ordered]);
  }
  const ofPayouts = ofKind(objects, "payout");
  const payouts = new Map([...ownPayouts, ...ofPayouts].map((payout) => [idInSource(payout), payout]));
  return {
    transactions: await readTransactions(client, ofKind(objects, "transaction"), ofPayouts),
    payouts: await readPayouts(client, [...payouts.values()]),
    payoutIds: new Set(payouts.keys()),
    isPayoutLocked: (payout) => locked.has(bucketOf(payout)),
  };
}

function ofKind(
  objects: readonly BalanceObjectKey[],
  wanted: BalanceObjectKey["kind"],
): readonly BalanceObjectKey[] {
  return objects.filter(({ kind }) => kind === wanted);
}

/** Ids as two parameters of a statement. */
function idColumns(ids: readonly SourceId[]): [string[], string[]] {
  return [ids.map(({ id }) => id), ids.map(({ source }) => source)];
}

const allBuckets: ReadonlySet<number> = new Set(Array.from({ length: buckets }, (_, bucket) => bucket));

function bucketOf(payout: SourceId): number {
  return createHash("sha256").update(idInSource(payout)).digest().readUInt8(0) % buckets;
}

async function readTransactions(
  client: ClientBase,
  ids: readonly SourceId[],
  ofPayouts: readonly SourceId[],
): Promise<ReadonlyMap<string, StoredTransaction>> {
  if (ids.length + ofPayouts.length === 0) return new Map();
  const { rows } = await client.query<Record<string, unknown>>(transactionsText, [
    ...idColumns(ids),
    ...idColumns(ofPayouts),
  ]);
  const transactions = rows.map(parseTransactionRow);
  return new Map(transactions.map((one) => [balanceKey({ ...one, id: one.fact.id }), one]));
}

/** Payouts as they are stored, by {@link balanceKey key}. */
export async function readPayouts(
  client: ClientBase,
  ids: readonly SourceId[],
): Promise<ReadonlyMap<string, PayoutState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<Record<string, unknown>>(payoutsText, idColumns(ids));
  const payouts = rows.map(parsePayoutRow);
  return new Map(payouts.map((one) => [balanceKey({ ...one, id: one.fact.id }), one]));
}

/** The key of the object that a fact is about. */
export function keyOfFact(fact: SaidFact): string {
  return balanceKey(objectOfFact(fact));
}
