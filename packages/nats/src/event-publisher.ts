import { TakingsError } from "@takings/domain";
import { stream } from "@takings/wire";
import { createConfirmations } from "./confirmations.ts";
import { createGroupCommit, type Stored } from "./group-commit.ts";
import type { LiveConnection, NatsLink } from "./nats-link.ts";
import { createVerifiedIds } from "./verified-ids.ts";
import { createVerifyingWriter } from "./verifying-writer.ts";
import { createStreamWriter, type OutgoingEvent } from "./stream-writer.ts";

export type EventPublisher = {
  /**
   * Stores one event. Resolves only when the server has confirmed a write of this event to the right stream, and tells
   * whether the stream held it already; it may hold it twice then: docs/decisions/0031.
   * @throws TakingsError `unavailable` in every other case, including every doubt: the sender must try again.
   */
  publish(event: OutgoingEvent): Promise<Stored>;
};

/** A publisher that has to be told what becomes of the stream that it writes to. */
export type StreamPublisher = EventPublisher & {
  /** Another stream took its place. */
  streamChanged(): void;
  /** The first sequence the stream holds now; everything before it is purged. */
  setFirstSequence(sequence: number): void;
};

export type PublisherOptions = {
  /** How long to wait for one confirmation of the stream. */
  readonly ackTimeoutMs: number;
  /** Told when the stream does not allow that events share a sync of its disk, and why; they are stored all the same. */
  readonly onBatchingUnavailable?: (reason: string) => void;
  /** Told of each event that is stored once more because nothing proves that its first copy is on disk. */
  readonly onUnverified?: () => void;
};

/** Ids and sequences of 20,000 events take some 3 MB. */
const verifiedLimits = { maxEntries: 20_000, maxAgeMs: stream.duplicateWindowMs };

/** Events that arrive together are committed together: docs/decisions/0021. */
export function createEventPublisher(
  link: NatsLink,
  { ackTimeoutMs, onBatchingUnavailable = () => {}, onUnverified = () => {} }: PublisherOptions,
): StreamPublisher {
  let forget = (): void => {};
  let firstSequence = 0;
  const on = memoizeLast((connection) => {
    // Another connection may lead to another server, of which nothing is verified yet.
    const verified = createVerifiedIds({ ...verifiedLimits, firstSequence: () => firstSequence });
    forget = verified.forget;
    const confirmations = createConfirmations(connection);
    const writer = createVerifyingWriter(createStreamWriter(confirmations, ackTimeoutMs), {
      verified,
      onUnverified,
    });
    const store = createGroupCommit(writer, { maxWaitMs: ackTimeoutMs, onBatchingUnavailable });
    return { store, isStuck: confirmations.isStuck };
  });
  return {
    streamChanged: () => forget(),
    setFirstSequence: (sequence) => void (firstSequence = sequence),
    async publish(event) {
      // Without a connection the client would buffer, without bound, what may never be sent.
      const connection = link.live();
      if (connection === undefined) throw new TakingsError("unavailable", "no connection to NATS");
      const { store, isStuck } = on(connection);
      if (isStuck()) throw new TakingsError("unavailable", "NATS does not read what it was sent");
      try {
        return await store(event);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new TakingsError("unavailable", `not confirmed by the stream: ${reason}`, { cause });
      }
    },
  };
}

/** After a reconnection there is another connection, and what belonged to the old one is over. */
function memoizeLast<T>(make: (connection: LiveConnection) => T): (connection: LiveConnection) => T {
  let last: { readonly connection: LiveConnection; readonly made: T } | undefined;
  return (connection) => {
    if (last?.connection !== connection) last = { connection, made: make(connection) };
    return last.made;
  };
}
