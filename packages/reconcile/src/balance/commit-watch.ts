import { setTimeout as delay } from "node:timers/promises";
import { type BalanceSyncStore, TakingsError } from "@takings/domain";
import type { EventBody } from "@takings/wire";

/** Publishes readings and knows when they are in the database. */
export type CommitWatch = {
  /**
   * Publishes events; resolves when the stream has them, with a promise that resolves when they are committed. Waits first
   * while too many are on their way.
   * @throws TakingsError `unavailable` when the stream does not take them, or nothing is committed any more.
   */
  publish(events: readonly EventBody[]): Promise<{ readonly committed: Promise<void> }>;
  /** Resolves when everything that was published is committed. @throws TakingsError `unavailable` */
  drain(): Promise<void>;
  /** How many events were published. */
  published(): number;
};

/** What a {@link CommitWatch} depends on. */
export type CommitWatchOptions = {
  readonly store: Pick<BalanceSyncStore, "missingEvents">;
  /** Publishes an event on the stream; resolves when it is durable. */
  readonly publish: (event: EventBody) => Promise<unknown>;
  readonly stopping: AbortSignal;
  /** How long nothing may be committed while something is awaited; 60 s by default. */
  readonly maxIdleMs?: number | undefined;
};

const maxUncommitted = 5_000;
const pollIntervalMs = 100;
const defaultMaxIdleMs = 60_000;

type Batch = { readonly ids: Set<string>; readonly committed: PromiseWithResolvers<void> };

/** Creates it for one round. */
export function createCommitWatch(options: CommitWatchOptions): CommitWatch {
  const { store, publish, stopping, maxIdleMs = defaultMaxIdleMs } = options;
  const batches = new Set<Batch>();
  let published = 0;
  let polling: Promise<void> | undefined;

  const uncommitted = (): string[] => [...batches].flatMap(({ ids }) => [...ids]);
  const remove = (stored: readonly string[]): void => {
    for (const batch of batches) {
      for (const id of stored) batch.ids.delete(id);
      if (batch.ids.size > 0) continue;
      batches.delete(batch);
      batch.committed.resolve();
    }
  };
  const poll = async (): Promise<void> => {
    let progressAt = performance.now();
    for (let before = uncommitted(); before.length > 0; before = uncommitted()) {
      const missing = await store.missingEvents(before);
      remove(before.filter((id) => !missing.has(id)));
      if (missing.size < before.length) progressAt = performance.now();
      else if (performance.now() - progressAt > maxIdleMs) throw stalled(missing.size, maxIdleMs);
      if (missing.size > 0) await delay(pollIntervalMs, undefined, { signal: stopping });
    }
  };
  /** Polls until nothing is awaited; a failure is that of all who wait. */
  const watch = (): Promise<void> => {
    polling ??= poll()
      .catch((error: unknown) => {
        for (const { committed } of batches) committed.reject(error);
        batches.clear();
        throw error;
      })
      .finally(() => (polling = undefined));
    // Whoever needs the result awaits it.
    polling.catch(() => {});
    return polling;
  };
  return {
    async publish(events) {
      if (events.length === 0) return { committed: Promise.resolve() };
      while (uncommitted().length >= maxUncommitted) {
        void watch();
        await Promise.race([...batches].map(({ committed }) => committed.promise));
      }
      await Promise.all(events.map((event) => publish(event)));
      published += events.length;
      const batch = { ids: new Set(events.map(({ id }) => id)), committed: Promise.withResolvers<void>() };
      batch.committed.promise.catch(() => {});
      batches.add(batch);
      void watch();
      return { committed: batch.committed.promise };
    },
    drain: () => (batches.size === 0 && polling === undefined ? Promise.resolve() : watch()),
    published: () => published,
  };
}

function stalled(count: number, idleMs: number): TakingsError {
  return new TakingsError(
    "unavailable",
    `none of ${count} published readings was stored for ${Math.round(idleMs / 1_000)} s: check that the consumer is ` +
      "running, then try again; the next round continues",
  );
}
