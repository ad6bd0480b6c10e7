import type { BalanceSyncStore, SyncRound } from "@takings/domain";
import type { CommitWatch } from "./commit-watch.ts";

/** Saves how far a round is, while reading goes on. */
export type RoundSaver = {
  /**
   * Saves it once everything that was published so far is committed, because a round that is resumed does not know what
   * another process published. Calls that follow soon are left out.
   */
  save(round: SyncRound): void;
  /** Resolves when nothing is being saved any more. @throws the first failure */
  settle(): Promise<void>;
};

/** What a {@link RoundSaver} depends on. */
export type RoundSaverOptions = {
  readonly store: Pick<BalanceSyncStore, "saveRound">;
  readonly commits: Pick<CommitWatch, "drain">;
  /** The latest time at which something was read. */
  readonly readAt: () => Date;
  readonly stopping: AbortSignal;
  /** Called with the first failure, when it happens. */
  readonly fail: (error: unknown) => void;
};

const intervalMs = 1_000;

/** Creates it for a stage of a round. */
export function createRoundSaver({ store, commits, readAt, stopping, fail }: RoundSaverOptions): RoundSaver {
  let saved = Promise.resolve();
  let startedAt = Number.NEGATIVE_INFINITY;

  const saveCommitted = async (round: SyncRound, before: Promise<void>): Promise<void> => {
    await Promise.all([commits.drain(), before]);
    stopping.throwIfAborted();
    await store.saveRound(round, readAt());
  };
  return {
    save(round) {
      if (performance.now() - startedAt < intervalMs) return;
      startedAt = performance.now();
      saved = saveCommitted(round, saved);
      saved.catch(fail);
    },
    settle: () => saved,
  };
}
