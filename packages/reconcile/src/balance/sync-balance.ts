import {
  type BalanceSyncStore,
  type LedgerScope,
  type PayoutFact,
  type SyncRound,
  type SyncSegment,
} from "@takings/domain";
import type { EventBody } from "@takings/wire";
import { type CommitWatch, createCommitWatch } from "./commit-watch.ts";
import { findPayouts, findTransactions, type ReadingOptions } from "./find-readings.ts";
import { completeAfter, fulfils, planRound, type SyncRequest, unsettledSince } from "./plan-round.ts";
import { type ListedPayout, readMembers } from "./read-members.ts";
import { readSegments } from "./read-segments.ts";
import { createRoundProgress, type RoundProgress } from "./round-progress.ts";
import type { StripeBalance } from "./stripe-balance.ts";

/** What {@link syncBalance} depends on. */
export type SyncDependencies = {
  /** Opens Stripe's lists of the account; the signal stops their requests. */
  readonly openStripe: (stopping: AbortSignal) => StripeBalance;
  readonly store: BalanceSyncStore;
  /** Publishes an event on the stream; resolves when it is durable. */
  readonly publish: (event: EventBody) => Promise<unknown>;
  readonly now: () => Date;
  /** Stops the round. The next one continues. */
  readonly stopping: AbortSignal;
  readonly onProgress: (progress: SyncProgress) => void;
  /** How long nothing may be committed while something is awaited; 60 s by default. */
  readonly maxIdleMs?: number | undefined;
};

/** How far a round is. */
export type SyncProgress = {
  readonly stage: "payouts" | "members" | "transactions" | "commits";
  /** How many objects were read, members of payouts included, and how many of them were published. */
  readonly read: number;
  readonly published: number;
  /** How many objects could not be understood, or contradict what is known. */
  readonly unreadable: number;
  /** When the last object that was read was created. */
  readonly at: Date | undefined;
};

/** The result of a sync. */
export type SyncReport = Omit<SyncProgress, "stage" | "at"> & {
  /** `undefined`: from the beginning. */
  readonly completeFrom: Date | undefined;
  readonly completeThrough: Date;
};

/**
 * Reads the payouts and balance transactions of a scope, publishes those that differ from what is known, and records how far
 * the ledger is complete. It resolves once everything is committed and answers show it. It can be killed at any time and
 * repeated any number of times.
 * @throws the reason of `stopping`, TakingsError and database errors; the next sync continues.
 */
export async function syncBalance(
  scope: LedgerScope,
  request: SyncRequest,
  deps: SyncDependencies,
): Promise<SyncReport> {
  const failing = new AbortController();
  const stopping = AbortSignal.any([deps.stopping, failing.signal]);
  const stripe = deps.openStripe(stopping);
  const commits = createCommitWatch({ ...deps, stopping });
  try {
    return await runRounds(scope, request, { ...deps, stripe, commits });
  } catch (error) {
    deps.stopping.throwIfAborted();
    throw error;
  } finally {
    // Nothing may go on in the background.
    failing.abort(new Error("the round has ended"));
  }
}

type RoundDependencies = SyncDependencies & { readonly stripe: StripeBalance; readonly commits: CommitWatch };

async function runRounds(
  scope: LedgerScope,
  request: SyncRequest,
  deps: RoundDependencies,
): Promise<SyncReport> {
  const { store, stripe, commits } = deps;
  const progress = createRoundProgress(commits, deps.onProgress);
  for (;;) {
    const state = await store.read();
    const now = await stripe.now();
    const round = state.round ?? planRound(request, state, now);
    let readAt = state.readAt ?? round.began;
    const readTime = (at: Date): Date => {
      if (at > readAt) readAt = at;
      return at < (state.readAt ?? at) ? (state.readAt ?? at) : at;
    };
    const reading = { ...deps, scope, apiVersion: stripe.apiVersion, began: round.began, readTime };
    await store.saveRound(round, readAt);
    const left = round.transactions ?? (await readPayouts(round, { ...reading, progress }));
    await readTransactions(round, left, { ...reading, progress, readAt: () => readAt });
    progress.enter("commits");
    await commits.drain();
    const complete = completeAfter(round, state, deps.now());
    await store.finish({ ...complete, readAt });
    if (state.round !== undefined && !fulfils(round, request, now)) continue;
    const { read, published, unreadable } = progress.current();
    return {
      completeFrom: complete.from,
      completeThrough: complete.through,
      read,
      published,
      unreadable,
    };
  }
}

type StageDependencies = RoundDependencies & ReadingOptions & { readonly progress: RoundProgress };

/** Reads the payouts and the members of those that are reconciled. Returns the list of transactions that is left. */
async function readPayouts(round: SyncRound, deps: StageDependencies): Promise<readonly SyncSegment[]> {
  const { store, stripe, commits, progress } = deps;
  const settledBefore = unsettledSince(round);
  const oldestOpen = await store.oldestOpenPayout(settledBefore);
  const from = earlier(round.from, oldestOpen);
  const listed: ListedPayout[] = [];
  progress.enter("payouts");
  await readSegments([{ from: secondsOf(from) }], {
    name: "payout",
    stripe,
    async onPage({ items, at }) {
      const { toPublish, facts, unreadable } = await findPayouts(items, at, deps);
      await commits.publish(toPublish);
      const byId = new Map(items.map((item) => [item.id, item]));
      for (const fact of facts) {
        const item = fact.kind === "payout" ? byId.get(fact.payout.id) : undefined;
        if (fact.kind === "payout" && item !== undefined && tellsMembers(fact.payout))
          listed.push({ listed: item, fact: fact.payout, at });
      }
      progress.add(items, unreadable);
    },
    onProgress: async () => {},
  });
  progress.enter("members");
  const known = await store.payouts(listed.map(({ fact }) => fact.id));
  const unread = listed.filter(
    ({ fact }) =>
      round.rereadsMembers ||
      known.get(fact.id)?.members === undefined ||
      isUnsettled(fact.status) ||
      fact.arrivalDate >= settledBefore,
  );
  await readMembers(unread, { ...deps, onRead: progress.addMembers });
  await commits.drain();
  return [{ from: secondsOf(round.from) }];
}

/** https://docs.stripe.com/payouts/reconciliation#automatic-payouts */
function tellsMembers({ automatic, reconciliationStatus }: PayoutFact): boolean {
  return automatic && reconciliationStatus === "completed";
}

function isUnsettled(status: string): boolean {
  return status === "pending" || status === "in_transit";
}

const saveIntervalMs = 1_000;

async function readTransactions(
  round: SyncRound,
  segments: readonly SyncSegment[],
  deps: StageDependencies & { readonly readAt: () => Date },
): Promise<void> {
  const { store, stripe, commits, progress } = deps;
  progress.enter("transactions");
  let savedAt = 0;
  const save = async (left: readonly SyncSegment[]): Promise<void> => {
    if (performance.now() - savedAt < saveIntervalMs) return;
    savedAt = performance.now();
    await store.saveRound({ ...round, transactions: left }, deps.readAt());
  };
  await save(segments);
  await readSegments(segments, {
    name: "balance_transaction",
    stripe,
    async onPage({ items, at }) {
      const { toPublish, unreadable } = await findTransactions(items, at, deps);
      await commits.publish(toPublish);
      progress.add(items, unreadable);
    },
    onProgress: save,
  });
}

function earlier(a: Date | undefined, b: Date | undefined): Date | undefined {
  return a === undefined || b === undefined || a < b ? a : b;
}

/** Rounded down, so that nothing created in the same second is left out. */
function secondsOf(at: Date | undefined): number | undefined {
  return at === undefined ? undefined : Math.floor(at.getTime() / 1_000);
}
