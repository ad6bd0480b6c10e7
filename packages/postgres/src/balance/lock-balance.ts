import { createHash } from "node:crypto";
import type { ClientBase } from "pg";
import { z } from "zod";
import { parsePayoutRow, parseTransactionRow, type StoredTransaction } from "./balance-rows.ts";
import { ownPayoutOf, type PayoutState } from "./fold.ts";
import { type BalanceObjectKey, balanceKey, objectOfFact, type SaidFact } from "./said-fact.ts";

/** What is locked until the client's transaction ends, as it is stored. */
export type LockedBalance = {
  /** By {@link balanceKey key}. */
  readonly transactions: ReadonlyMap<string, StoredTransaction>;
  /** By {@link balanceKey key}: those of `payoutIds` that are known. */
  readonly payouts: ReadonlyMap<string, PayoutState>;
  readonly payoutIds: ReadonlySet<string>;
  /** Whether no other session can record this payout, or a transaction as its own one. */
  isPayoutLocked(id: string): boolean;
};

const buckets = 64;
/** The class of these advisory locks; "takp" in ASCII. */
const lockClass = 0x74_61_6b_70;

// A set-returning function is evaluated in the order of its rows, so all sessions lock in the same order.
const lockText = "select pg_advisory_xact_lock($1, bucket) from unnest($2::integer[]) as bucket";

const tryLockText = `
  select bucket from unnest($2::integer[]) as bucket where not pg_try_advisory_xact_lock($1, bucket)`;

// Planned each time, because a plan that was made while the table was small would read all of it.
const transactionsText = `
  select * from takings.balance_transactions
  where id = any($1::text[]) or (reporting_category = 'payout' and source_id = any($2::text[]))
  order by id, account, livemode
  for update`;
// Transactions that another session has inserted and not committed are not seen here.
const tryLockTransactionsText = `
  with wanted as (
    select id, account, livemode, source_id from takings.balance_transactions
    where id = any($1::text[]) or (reporting_category = 'payout' and source_id = any($2::text[]))
  ),
  locked as (
    select id, account, livemode from takings.balance_transactions
    where id in (select id from wanted)
    for update skip locked
  )
  select id, source_id from wanted where (id, account, livemode) not in (select id, account, livemode from locked)`;
const payoutsText = "select * from takings.payouts where id = any($1::text[])";

const bucketRow = z.object({ bucket: z.int() });
const heldRow = z.object({ id: z.string(), source_id: z.string().nullable() });

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
  const ids = (wanted: BalanceObjectKey["kind"]): string[] =>
    facts.map(objectOfFact).flatMap(({ kind, id }) => (kind === wanted ? [id] : []));
  const { rows } = await client.query<Record<string, unknown>>(tryLockTransactionsText, [
    ids("transaction"),
    ids("payout"),
  ]);
  const objects = new Set(rows.map((row) => heldRow.parse(row)).flatMap((one) => [one.id, one.source_id]));
  const isHeld = (fact: SaidFact): boolean =>
    objects.has(objectOfFact(fact).id) || payoutsOf(fact).some((id) => held.has(bucketOf(id)));
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
function payoutsOf({ fact }: SaidFact): readonly string[] {
  if (fact.kind === "payout") return [fact.payout.id];
  const own = ownPayoutOf(fact.transaction);
  return own === null ? [] : [own];
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
  ownPayouts: readonly string[],
): Promise<LockedBalance> {
  if (locked.size > 0) {
    const ordered = [...locked].toSorted((a, b) => a - b);
    await client.query(lockText, [lockClass, ordered]);
  }
  const idsOf = (wanted: BalanceObjectKey["kind"]): string[] =>
    objects.filter(({ kind }) => kind === wanted).map(({ id }) => id);
  const payoutIds = new Set([...ownPayouts, ...idsOf("payout")]);
  return {
    transactions: await readTransactions(client, [...new Set(idsOf("transaction"))], idsOf("payout")),
    payouts: await readPayouts(client, [...payoutIds]),
    payoutIds,
    isPayoutLocked: (id) => locked.has(bucketOf(id)),
  };
}

const allBuckets: ReadonlySet<number> = new Set(Array.from({ length: buckets }, (_, bucket) => bucket));

function bucketOf(payoutId: string): number {
  return createHash("sha256").update(payoutId).digest().readUInt8(0) % buckets;
}

async function readTransactions(
  client: ClientBase,
  ids: readonly string[],
  ofPayouts: readonly string[],
): Promise<ReadonlyMap<string, StoredTransaction>> {
  if (ids.length + ofPayouts.length === 0) return new Map();
  const { rows } = await client.query<Record<string, unknown>>(transactionsText, [ids, ofPayouts]);
  const transactions = rows.map(parseTransactionRow);
  return new Map(transactions.map((one) => [balanceKey({ ...one, id: one.fact.id }), one]));
}

/** Payouts as they are stored, by {@link balanceKey key}. */
export async function readPayouts(
  client: ClientBase,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PayoutState>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<Record<string, unknown>>(payoutsText, [ids]);
  const payouts = rows.map(parsePayoutRow);
  return new Map(payouts.map((one) => [balanceKey({ ...one, id: one.fact.id }), one]));
}

/** The key of the object that a fact is about. */
export function keyOfFact(fact: SaidFact): string {
  return balanceKey(objectOfFact(fact));
}
