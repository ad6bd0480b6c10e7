import type { BalanceSyncStore, LedgerScope, SyncRound, SyncSegment } from "@takings/domain";
import type { EventBody } from "@takings/wire";
import { type CommitWatch, createCommitWatch } from "./commit-watch.ts";
import { findTransactions, type ReadingOptions } from "./find-readings.ts";
import { afterResumed, completeAfter, planRound, type SyncRequest } from "./plan-round.ts";
import { readPayouts } from "./read-payouts.ts";
import { readSegments } from "./read-segments.ts";
import { createRoundProgress, type RoundProgress } from "./round-progress.ts";
import { createRoundSaver } from "./round-saver.ts";
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
  /** How many objects are quarantined: they cannot be understood, or contradict what is known. */
  readonly quarantined: number;
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
  const fail = (error: unknown): void => failing.abort(error);
  try {
    return await runRounds(scope, request, { ...deps, stopping, stripe, commits, fail });
  } catch (error) {
    deps.stopping.throwIfAborted();
    // The first failure stops everything else, which then fails because of it.
    failing.signal.throwIfAborted();
    throw error;
  } finally {
    // Nothing may go on in the background.
    failing.abort(new Error("the round has ended"));
  }
}

type RoundDependencies = SyncDependencies & {
  readonly stripe: StripeBalance;
  readonly commits: CommitWatch;
  /** Stops the requests of the round, because it has failed. */
  readonly fail: (error: unknown) => void;
};

async function runRounds(
  scope: LedgerScope,
  request: SyncRequest,
  deps: RoundDependencies,
): Promise<SyncReport> {
  const { store, stripe, commits } = deps;
  const progress = createRoundProgress(commits, deps.onProgress);
  for (let asked = request; ; ) {
    const state = await store.read();
    const round = state.round ?? planRound(asked, state, await stripe.now());
    let readAt = state.readAt ?? round.began;
    const readTime = (at: Date): Date => {
      if (at > readAt) readAt = at;
      return at < (state.readAt ?? at) ? (state.readAt ?? at) : at;
    };
    const reading = { scope, apiVersion: stripe.apiVersion, began: round.began, readTime };
    const stage = { ...deps, ...reading, progress, readAt: () => readAt };
    await store.saveRound(round, readAt);
    const left = round.transactions ?? (await readPayouts(round, stage));
    await readTransactions(round, left, stage);
    const complete = completeAfter(round, state, deps.now());
    await store.finish({ ...complete, readAt });
    if (state.round !== undefined) {
      // What it read before it was interrupted may have changed since then.
      asked = afterResumed(asked, round, state);
      continue;
    }
    const { read, published, quarantined } = progress.current();
    return { completeFrom: complete.from, completeThrough: complete.through, read, published, quarantined };
  }
}

/** What a stage of a round depends on. */
export type StageDependencies = RoundDependencies &
  ReadingOptions & {
    readonly progress: RoundProgress;
    /** The latest time at which something was read. */
    readonly readAt: () => Date;
  };

async function readTransactions(
  round: SyncRound,
  segments: readonly SyncSegment[],
  deps: StageDependencies,
): Promise<void> {
  const { stripe, commits, progress, fail } = deps;
  const saver = createRoundSaver(deps);
  progress.enter("transactions");
  saver.save({ ...round, transactions: segments });
  await readSegments(segments, {
    name: "balance_transaction",
    stripe,
    async onPage({ items, at }) {
      const { toPublish, quarantined } = await findTransactions(items, at, deps);
      await commits.publish(toPublish);
      progress.add(items, quarantined);
    },
    onProgress: async (left) => saver.save({ ...round, transactions: left }),
    onFailure: fail,
  });
  progress.enter("commits");
  await commits.drain();
  await saver.settle();
}
