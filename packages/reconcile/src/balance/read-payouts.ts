import type { PayoutFact, SyncRound, SyncSegment } from "@takings/domain";
import { findPayouts } from "./find-readings.ts";
import { unsettledSince } from "./plan-round.ts";
import { type ListedPayout, readMembers } from "./read-members.ts";
import { readSegments } from "./read-segments.ts";
import { createRoundSaver } from "./round-saver.ts";
import type { StageDependencies } from "./sync-balance.ts";

/**
 * Reads the payouts and the members of those that are reconciled. Everything is committed then. Returns the list of
 * transactions, which is left.
 */
export async function readPayouts(
  round: SyncRound,
  deps: StageDependencies,
): Promise<readonly SyncSegment[]> {
  const { commits, progress } = deps;
  const saver = createRoundSaver(deps);
  progress.enter("payouts");
  const unread = await withUnreadMembers(await listPayouts(round, deps), round, deps);
  progress.enter("members");
  await readMembers(unread, {
    ...deps,
    onRead: progress.addMembers,
    onConcluded: ({ created }) => saver.save({ ...round, membersReadTo: created }),
  });
  progress.enter("commits");
  await commits.drain();
  await saver.settle();
  return [{ from: secondsOf(round.from) }];
}

/** Publishes what differs, and returns the payouts whose members Stripe tells. */
async function listPayouts(round: SyncRound, deps: StageDependencies): Promise<readonly ListedPayout[]> {
  const { store, stripe, commits, progress, fail } = deps;
  const oldestOpen = await store.oldestOpenPayout(unsettledSince(round));
  const listed: ListedPayout[] = [];
  await readSegments([{ from: secondsOf(earlier(round.from, oldestOpen)) }], {
    name: "payout",
    stripe,
    async onPage({ items, at }) {
      const { toPublish, facts, quarantined } = await findPayouts(items, at, deps);
      await commits.publish(toPublish);
      const byId = new Map(items.map((item) => [item.id, item]));
      for (const fact of facts) {
        const item = fact.kind === "payout" ? byId.get(fact.payout.id) : undefined;
        if (fact.kind === "payout" && item !== undefined && tellsMembers(fact.payout))
          listed.push({ listed: item, fact: fact.payout, at });
      }
      progress.add(items, quarantined);
    },
    onProgress: async () => {},
    onFailure: fail,
  });
  return listed;
}

/** Those whose members are not known, or may have changed since they were read, newest first. */
async function withUnreadMembers(
  payouts: readonly ListedPayout[],
  round: SyncRound,
  { store }: Pick<StageDependencies, "store">,
): Promise<readonly ListedPayout[]> {
  const known = await store.payouts(payouts.map(({ fact }) => fact.id));
  const settledBefore = unsettledSince(round);
  const isUnread = (payout: PayoutFact): boolean => {
    if (known.get(payout.id)?.members === undefined) return true;
    if (round.membersReadTo !== undefined && payout.created > round.membersReadTo) return false;
    return round.rereadsMembers || isUnsettled(payout.status) || payout.arrivalDate >= settledBefore;
  };
  return payouts
    .filter(({ fact }) => isUnread(fact))
    .toSorted((a, b) => b.fact.created.getTime() - a.fact.created.getTime());
}

/** https://docs.stripe.com/payouts/reconciliation#automatic-payouts */
function tellsMembers({ automatic, reconciliationStatus }: PayoutFact): boolean {
  return automatic && reconciliationStatus === "completed";
}

function isUnsettled(status: string): boolean {
  return status === "pending" || status === "in_transit";
}

function earlier(a: Date | undefined, b: Date | undefined): Date | undefined {
  return a === undefined || b === undefined || a < b ? a : b;
}

/** Rounded down, so that nothing created in the same second is left out. */
function secondsOf(at: Date | undefined): number | undefined {
  return at === undefined ? undefined : Math.floor(at.getTime() / 1_000);
}
