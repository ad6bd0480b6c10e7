import { StreamRefusal } from "./pub-ack.ts";
import type { OutgoingEvent, StreamWriter } from "./stream-writer.ts";

/** What became of an event that the stream holds. */
export type Stored = { readonly duplicate: boolean };

type Waiting = {
  readonly event: OutgoingEvent;
  /** When it came, by `performance.now()`. */
  readonly since: number;
  resolve(stored: Stored): void;
  reject(error: unknown): void;
};

/** A batch costs the server as much as this many messages by themselves, whatever its size: docs/performance.md. */
const fewestTogether = 12;
/** The server takes 1,000 at most. */
const mostTogether = 500;
/** The stream's configuration does not allow batches: `JSAtomicPublishDisabledErr` in nats-server's errors.json. */
const batchesNotAllowed = 10_174;

export type GroupCommitOptions = {
  /** How long an event may wait for the groups before it. */
  readonly mostWaitMs: number;
  /** Told why every event is sent by itself from now on, when the stream allows nothing else. */
  readonly onSingly: (reason: string) => void;
};

/**
 * Lets events that arrive together share one sync of the server's disk: while one group is being committed the next
 * gathers. A lone event is sent at once. Each resolves only when the stream has confirmed that it holds that very event.
 */
export function createGroupCommit(
  writer: StreamWriter,
  { mostWaitMs, onSingly }: GroupCommitOptions,
): (event: OutgoingEvent) => Promise<Stored> {
  const gathered: Waiting[] = [];
  let committing = false;
  let singly = false;

  const storeEach = async (group: readonly Waiting[]): Promise<void> => {
    const doubts: unknown[] = [];
    const store = async ({ event, resolve, reject }: Waiting): Promise<void> => {
      try {
        const { duplicate } = await writer.one(event);
        resolve({ duplicate });
      } catch (error) {
        reject(error);
        if (!(error instanceof StreamRefusal)) doubts.push(error);
      }
    };
    await Promise.all(group.map(store));
    if (doubts.length > 0) throw doubts[0];
  };
  /**
   * A group that is refused is halved, until what may not be stored, or is stored already, is among few.
   * @throws Error when nobody knows what was stored.
   */
  const commit = async (group: readonly Waiting[]): Promise<void> => {
    if (singly || group.length < fewestTogether) return storeEach(group);
    try {
      await writer.together(group.map(({ event }) => event));
      for (const { resolve } of group) resolve({ duplicate: false });
    } catch (error) {
      if (!(error instanceof StreamRefusal)) throw error;
      if (error.code === batchesNotAllowed) {
        singly = true;
        onSingly(error.message);
      }
      const middle = Math.ceil(group.length / 2);
      await commit(group.slice(0, middle));
      await commit(group.slice(middle));
    }
  };
  const commitAll = async (): Promise<void> => {
    committing = true;
    while (gathered.length > 0) {
      const group = gathered.splice(0, mostTogether);
      const latest = performance.now() - mostWaitMs;
      for (const { since, reject } of group) if (since < latest) reject(new Error("it waited too long"));
      try {
        await commit(group.filter(({ since }) => since >= latest));
      } catch (error) {
        // What is settled stays settled. What gathered meanwhile would only wait as long again.
        for (const { reject } of [...group, ...gathered.splice(0)]) reject(error);
      }
    }
    committing = false;
  };

  return (event) => {
    if (singly) return writer.one(event).then(({ duplicate }) => ({ duplicate }));
    const { promise, resolve, reject } = Promise.withResolvers<Stored>();
    gathered.push({ event, since: performance.now(), resolve, reject });
    if (!committing) void commitAll();
    return promise;
  };
}
