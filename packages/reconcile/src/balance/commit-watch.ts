import { setTimeout as delay } from "node:timers/promises";
import { type BalanceSyncStore, TakingsError } from "@takings/domain";
import type { EventBody } from "@takings/wire";

/** Publishes readings and knows when they are in the database. After a failure, every call fails with it. */
export type CommitWatch = {
  /**
   * Publishes events; resolves when the stream has them, with a promise that resolves when they are committed. Waits first
   * while too many are on their way.
   * @throws TakingsError `unavailable` when the stream does not take them, or nothing is committed any more.
   */
  publish(events: readonly EventBody[]): Promise<{ readonly committed: Promise<void> }>;
  /** Resolves when everything that was published before the call is committed. @throws TakingsError `unavailable` */
  drain(): Promise<void>;
  /** How many events were published. */
  published(): number;
};

/** What a {@link CommitWatch} depends on. */
export type CommitWatchOptions = {
  readonly store: Pick<BalanceSyncStore, "missingEvents" | "committedMessages">;
  /** Publishes an event on the stream; resolves when it is durable. */
  readonly publish: (event: EventBody) => Promise<unknown>;
  readonly stopping: AbortSignal;
  /** How long the consumer may commit nothing while something is awaited; 60 s by default. */
  readonly maxIdleMs?: number | undefined;
};

const maxUncommitted = 5_000;
/** How many are looked for at a time. */
const groupSize = 250;
const pollIntervalMs = 250;
const defaultMaxIdleMs = 60_000;

type Batch = { readonly ids: Set<string>; readonly committed: PromiseWithResolvers<void> };

/** Creates it for one round. */
export function createCommitWatch(options: CommitWatchOptions): CommitWatch {
  const { store, publish, stopping, maxIdleMs = defaultMaxIdleMs } = options;
  const batches = new Set<Batch>();
  let published = 0;
  let isPolling = false;
  let failure: { readonly error: unknown } | undefined;

  const uncommitted = (): string[] => [...batches].flatMap(({ ids }) => [...ids]);
  const remove = (stored: readonly string[]): void => {
    for (const batch of batches) {
      for (const id of stored) batch.ids.delete(id);
      if (batch.ids.size > 0) continue;
      batches.delete(batch);
      batch.committed.resolve();
    }
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
    for (const { committed } of batches) committed.reject(failure.error);
    batches.clear();
  };
  const requireNoFailure = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  const startPolling = (): void => {
    if (isPolling) return;
    isPolling = true;
    const onDone = (): void => void (isPolling = false);
    poll({ uncommitted, remove, onDone }, { store, stopping, maxIdleMs }).catch(fail);
  };
  return {
    async publish(events) {
      requireNoFailure();
      if (events.length === 0) return { committed: Promise.resolve() };
      while (uncommitted().length >= maxUncommitted)
        await Promise.race([...batches].map(({ committed }) => committed.promise));
      await Promise.all(events.map((event) => publish(event)));
      requireNoFailure();
      published += events.length;
      const batch = { ids: new Set(events.map(({ id }) => id)), committed: Promise.withResolvers<void>() };
      batch.committed.promise.catch(() => {});
      batches.add(batch);
      startPolling();
      return { committed: batch.committed.promise };
    },
    async drain() {
      requireNoFailure();
      await Promise.all([...batches].map(({ committed }) => committed.promise));
    },
    published: () => published,
  };
}

/** What is polled for. */
type AwaitedEvents = {
  readonly uncommitted: () => readonly string[];
  readonly remove: (stored: readonly string[]) => void;
  /** Called in the same turn in which nothing was awaited any more, so that no batch is overlooked. */
  readonly onDone: () => void;
};

/** Polls until nothing is awaited. */
async function poll(
  { uncommitted, remove, onDone }: AwaitedEvents,
  {
    store,
    stopping,
    maxIdleMs,
  }: Pick<CommitWatchOptions, "store" | "stopping"> & { readonly maxIdleMs: number },
): Promise<void> {
  let progressAt = performance.now();
  let messages: bigint | undefined;
  for (let before = uncommitted(); before.length > 0; before = uncommitted()) {
    const stored = await storedOf(before, store);
    remove(stored);
    if (stored.length === before.length) continue;
    // The consumer may have a backlog of other events, which it commits first.
    const messagesBefore = messages;
    messages = await store.committedMessages();
    if (stored.length > 0 || messages !== messagesBefore) progressAt = performance.now();
    else if (performance.now() - progressAt > maxIdleMs) throw stalled(before.length, maxIdleMs);
    await delay(pollIntervalMs, undefined, { signal: stopping });
  }
  onDone();
}

/**
 * Those of some events, in the order in which they were published, that are stored. The consumer commits in about that order,
 * so behind a group of which nothing is stored yet none is looked for, unless nothing was found before it: the first ones
 * may wait for something.
 */
async function storedOf(
  ids: readonly string[],
  store: Pick<BalanceSyncStore, "missingEvents">,
): Promise<readonly string[]> {
  const stored: string[] = [];
  for (let n = 0; n < ids.length; n += groupSize) {
    const group = ids.slice(n, n + groupSize);
    const missing = await store.missingEvents(group);
    const found = group.filter((id) => !missing.has(id));
    if (found.length === 0 && stored.length > 0) break;
    stored.push(...found);
  }
  return stored;
}

function stalled(count: number, idleMs: number): TakingsError {
  return new TakingsError(
    "unavailable",
    `none of ${count} published readings was stored for ${Math.round(idleMs / 1_000)} s, nor anything else: check that ` +
      "the consumer is running, then try again; the next round continues",
  );
}
