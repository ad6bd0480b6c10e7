import type { BalanceSyncStore, PayoutFact } from "@takings/domain";
import { type ListedObject, malformedList } from "./balance-list.ts";
import type { CommitWatch } from "./commit-watch.ts";
import { findPayouts, findTransactions, type ReadingOptions } from "./find-readings.ts";
import type { StripeBalance } from "./stripe-balance.ts";

/** A payout whose members Stripe tells, as it was listed. */
export type ListedPayout = {
  readonly listed: ListedObject;
  readonly fact: PayoutFact;
  /** When it was listed. */
  readonly at: Date;
};

/** What {@link readMembers} depends on. */
export type MembersOptions = ReadingOptions & {
  readonly store: Pick<BalanceSyncStore, "transactions" | "payouts" | "missingEvents" | "members">;
  readonly stripe: Pick<StripeBalance, "members" | "transaction">;
  readonly commits: Pick<CommitWatch, "publish">;
  readonly onRead: (count: number) => void;
  /** Called when the last of some payouts is published with the number of its members, in the given order. */
  readonly onConcluded: (last: PayoutFact) => void;
};

/** How many payouts are concluded together. Their transactions are committed while those of the next are read. */
const groupSize = 100;
const maxParallel = 16;

/** The members of a payout: all that were listed, and those that are known and were not. */
type Members = {
  readonly payout: ListedPayout;
  readonly count: number;
  readonly removed: readonly string[];
};

/**
 * Reads the members of payouts and publishes those that differ from what is known. A payout is published with the number of
 * its members only after all of them are committed.
 */
export async function readMembers(payouts: readonly ListedPayout[], options: MembersOptions): Promise<void> {
  let concluded: Promise<void> = Promise.resolve();
  for (let n = 0; n < payouts.length; n += groupSize) {
    const committed: Promise<void>[] = [];
    const members = await mapParallel(payouts.slice(n, n + groupSize), (payout) =>
      listMembers(payout, options, committed),
    );
    const before = concluded;
    concluded = before.then(() => Promise.all(committed)).then(() => conclude(members, options));
    // Awaited below, or by the next group.
    concluded.catch(() => {});
    await before;
  }
  await concluded;
}

async function listMembers(
  payout: ListedPayout,
  options: MembersOptions,
  committed: Promise<void>[],
): Promise<Members> {
  const { id } = payout.fact;
  const listed = new Set<string>();
  let count = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await options.stripe.members(id, cursor);
    const { toPublish } = await findTransactions(
      page.items.map((item) => ({ ...item, payout: id })),
      page.at,
      options,
    );
    committed.push((await options.commits.publish(toPublish)).committed);
    cursor = page.next;
    if (cursor !== undefined && listed.has(cursor))
      throw malformedList("balance_transaction", `of ${id} returns to ${cursor} and never ends`);
    for (const item of page.items) if (item.id !== undefined) listed.add(item.id);
    count += page.items.length;
    options.onRead(page.items.length);
    if (cursor === undefined) {
      const known = await options.store.members(id);
      return { payout, count, removed: [...known.difference(listed)] };
    }
  }
}

/** Publishes what left the lists of these payouts, and then the payouts with the number of their members. */
async function conclude(members: readonly Members[], options: MembersOptions): Promise<void> {
  const { commits } = options;
  const left = await mapParallel(members, (one) => readRemoved(one, options));
  await Promise.all(left.flat());
  for (const { payout, count } of members) {
    const { toPublish } = await findPayouts([{ ...payout.listed, members: count }], payout.at, options);
    await commits.publish(toPublish);
  }
  const last = members.at(-1);
  if (last !== undefined) options.onConcluded(last.payout.fact);
}

/** What is not in the list of its payout any more, unless another payout has it by now. */
async function readRemoved(
  { payout, removed }: Members,
  options: MembersOptions,
): Promise<readonly Promise<void>[]> {
  if (removed.length === 0) return [];
  const known = await options.store.transactions(removed);
  const committed: Promise<void>[] = [];
  for (const [id, { payout: now }] of known) {
    const read = now === payout.fact.id ? await options.stripe.transaction(id) : undefined;
    if (read === undefined) continue;
    const { toPublish } = await findTransactions(
      [{ object: read.object, id, created: undefined, payout: null }],
      read.at,
      options,
    );
    committed.push((await options.commits.publish(toPublish)).committed);
  }
  return committed;
}

/** Like `Promise.all`, with a bounded number at the same time. */
async function mapParallel<T, U>(items: readonly T[], map: (item: T) => Promise<U>): Promise<readonly U[]> {
  const results: U[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: maxParallel }, work));
  return results;
}
