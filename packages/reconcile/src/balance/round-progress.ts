import type { ListedObject } from "./balance-list.ts";
import type { CommitWatch } from "./commit-watch.ts";
import type { SyncProgress } from "./sync-balance.ts";

/** Counts what a sync reads. */
export type RoundProgress = {
  enter(stage: SyncProgress["stage"]): void;
  add(items: readonly ListedObject[], quarantined: number): void;
  addMembers(count: number): void;
  current(): SyncProgress;
};

/** Creates it, and reports each change. */
export function createRoundProgress(
  commits: Pick<CommitWatch, "published">,
  onProgress: (progress: SyncProgress) => void,
): RoundProgress {
  let stage: SyncProgress["stage"] = "payouts";
  let read = 0;
  let quarantined = 0;
  let at: Date | undefined;
  const current = (): SyncProgress => ({ stage, read, published: commits.published(), quarantined, at });
  return {
    enter(next) {
      stage = next;
      at = undefined;
      onProgress(current());
    },
    add(items, more) {
      read += items.length;
      quarantined += more;
      const last = items.findLast(({ created }) => created !== undefined)?.created;
      if (last !== undefined) at = new Date(last * 1_000);
      onProgress(current());
    },
    addMembers(count) {
      read += count;
      onProgress(current());
    },
    current,
  };
}
