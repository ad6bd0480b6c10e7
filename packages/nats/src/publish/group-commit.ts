import { StreamRefusal } from "./pub-ack.ts";
import type { OutgoingEvent, StreamWriter } from "./stream-writer.ts";

/** The result for an event that the stream holds; a duplicate was there before. */
export type PublishResult = { readonly duplicate: boolean };

type Waiting = {
  readonly event: OutgoingEvent;
  /** When it was queued, by `performance.now()`. */
  readonly since: number;
  resolve(stored: PublishResult): void;
  reject(error: unknown): void;
};

/** A batch of any size costs the server as much as this many single messages: docs/performance.md. */
const minBatchSize = 12;
/** The server accepts at most 1,000. */
const maxBatchSize = 500;
/** The stream's configuration does not allow batches: `JSAtomicPublishDisabledErr` in nats-server's errors.json. */
const batchesNotAllowed = 10_174;

/** The limits of a group commit. */
export type GroupCommitOptions = {
  /** How long an event may wait for the groups before it. */
  readonly maxWaitMs: number;
  /** Called with the reason when the stream does not allow batches; from then on events are sent one by one. */
  readonly onBatchingUnavailable: (reason: string) => void;
};

/**
 * Lets events that arrive together share one sync of the server's disk: while one group is being committed the next
 * gathers. A lone event is sent at once. Each resolves only when the stream has confirmed that it holds this event.
 */
export function createGroupCommit(
  writer: StreamWriter,
  { maxWaitMs, onBatchingUnavailable }: GroupCommitOptions,
): (event: OutgoingEvent) => Promise<PublishResult> {
  const queued: Waiting[] = [];
  let committing = false;
  let batchingUnavailable = false;

  const storeEach = async (group: readonly Waiting[]): Promise<void> => {
    const unknownOutcomes: unknown[] = [];
    const store = async ({ event, resolve, reject }: Waiting): Promise<void> => {
      try {
        const { duplicate } = await writer.write(event);
        resolve({ duplicate });
      } catch (error) {
        reject(error);
        if (!(error instanceof StreamRefusal)) unknownOutcomes.push(error);
      }
    };
    await Promise.all(group.map(store));
    if (unknownOutcomes.length > 0) throw unknownOutcomes[0];
  };
  /**
   * A group that is refused is halved, until the events that are refused, or stored already, are sent one by one.
   * @throws Error when it is unknown what was stored.
   */
  const commit = async (group: readonly Waiting[]): Promise<void> => {
    if (batchingUnavailable || group.length < minBatchSize) return storeEach(group);
    try {
      await writer.writeBatch(group.map(({ event }) => event));
      for (const { resolve } of group) resolve({ duplicate: false });
    } catch (error) {
      if (!(error instanceof StreamRefusal)) throw error;
      if (error.code === batchesNotAllowed) {
        batchingUnavailable = true;
        onBatchingUnavailable(error.message);
      }
      const middle = Math.ceil(group.length / 2);
      await commit(group.slice(0, middle));
      await commit(group.slice(middle));
    }
  };
  const commitAll = async (): Promise<void> => {
    committing = true;
    while (queued.length > 0) {
      const group = queued.splice(0, maxBatchSize);
      const latest = performance.now() - maxWaitMs;
      for (const { since, reject } of group)
        if (since < latest) reject(new Error("timed out waiting for earlier groups"));
      try {
        await commit(group.filter(({ since }) => since >= latest));
      } catch (error) {
        // This does not affect events that have their result. Those queued meanwhile would only wait as long again.
        for (const { reject } of [...group, ...queued.splice(0)]) reject(error);
      }
    }
    committing = false;
  };

  return (event) => {
    if (batchingUnavailable) return writer.write(event).then(({ duplicate }) => ({ duplicate }));
    const { promise, resolve, reject } = Promise.withResolvers<PublishResult>();
    queued.push({ event, since: performance.now(), resolve, reject });
    if (!committing) void commitAll();
    return promise;
  };
}
