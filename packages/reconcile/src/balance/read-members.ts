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
  /** Called with a failure when it happens: the others are still being read. */
  readonly fail: (error: unknown) => void;
};

/** How many payouts are concluded together: each time waits until their transactions are committed. */
const groupSize = 100;
const maxParallel = 16;

/** The members of a payout: all that were listed, and those that are known and were not. */
type Members = {
  readonly payout: ListedPayout;
  readonly count: number;
  readonly removed: readonly string[];
  /** Resolve when what was published is committed. */
  readonly committed: readonly Promise<void>[];
};

/**
 * Reads the members of payouts and publishes those that differ from what is known. A payout is published with the number of
 * its members only after all of them are committed; meanwhile those of other payouts are read.
 */
export async function readMembers(payouts: readonly ListedPayout[], options: MembersOptions): Promise<void> {
  const lists = startAll(payouts, (payout) => listMembers(payout, options));
  for (const list of lists) list.catch(options.fail);
  for (let n = 0; n < lists.length; n += groupSize) {
    const members = await Promise.all(lists.slice(n, n + groupSize));
    await Promise.all(members.flatMap(({ committed }) => committed));
    await conclude(members, options);
  }
}

async function listMembers(payout: ListedPayout, options: MembersOptions): Promise<Members> {
  const { id } = payout.fact;
  const listed = new Set<string>();
  const committed: Promise<void>[] = [];
  let count = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await options.stripe.members(id, cursor);
    const items = page.items.map((item) => ({ ...item, payout: id }));
    const { toPublish } = await findTransactions(items, page.at, options);
    committed.push((await options.commits.publish(toPublish)).committed);
    cursor = page.next;
    if (cursor !== undefined && listed.has(cursor))
      throw malformedList("balance_transaction", `of ${id} returns to ${cursor} and never ends`);
    for (const item of page.items) if (item.id !== undefined) listed.add(item.id);
    count += page.items.length;
    options.onRead(page.items.length);
    if (cursor === undefined) {
      const known = await options.store.members(id);
      return { payout, count, removed: [...known.difference(listed)], committed };
    }
  }
}

/** Publishes what left the lists of these payouts, and then the payouts with the number of their members. */
async function conclude(members: readonly Members[], options: MembersOptions): Promise<void> {
  const left = await Promise.all(startAll(members, (one) => readRemoved(one, options)));
  await Promise.all(left.flat());
  await Promise.all(
    startAll(members, async ({ payout, count }) => {
      const { toPublish } = await findPayouts([{ ...payout.listed, members: count }], payout.at, options);
      await options.commits.publish(toPublish);
    }),
  );
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

/** Starts work on all items, a bounded number at the same time. Returns the results in the order of the items. */
function startAll<T, U>(items: readonly T[], work: (item: T) => Promise<U>): readonly Promise<U>[] {
  const results = items.map((item) => ({ item, ...Promise.withResolvers<U>() }));
  const queue = results.values();
  const next = async (): Promise<void> => {
    for (const { item, resolve, reject } of queue) await work(item).then(resolve, reject);
  };
  for (let n = 0; n < maxParallel; n += 1) void next();
  return results.map(({ promise }) => {
    // Whoever needs a result awaits it; nobody needs those after a failure.
    promise.catch(() => {});
    return promise;
  });
}
