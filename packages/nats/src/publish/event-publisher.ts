import { TakingsError } from "@takings/domain";
import { stream } from "@takings/wire";
import { type LiveConnection, type NatsLink, requireConnection } from "../nats-link.ts";
import { createConfirmations } from "./confirmations.ts";
import { createGroupCommit, type PublishResult } from "./group-commit.ts";
import { createStreamWriter, type OutgoingEvent } from "./stream-writer.ts";
import { createVerifiedIds } from "./verified-ids.ts";
import { createVerifyingWriter } from "./verifying-writer.ts";

/** Publishes events durably. */
export type EventPublisher = {
  /**
   * Stores one event. Resolves only when the server has confirmed a write of this event to the right stream, with whether
   * the stream held it already; the stream may then hold it twice: docs/decisions/0031.
   * @throws TakingsError `unavailable` in every other case, including an unknown outcome: the sender must retry.
   */
  publish(event: OutgoingEvent): Promise<PublishResult>;
};

/** A publisher that must be informed of changes of its stream. */
export type StreamPublisher = EventPublisher & {
  /** Another stream has replaced it. */
  streamChanged(): void;
  /** The first sequence the stream holds now; everything before it is purged. */
  setFirstSequence(sequence: number): void;
};

/** How to publish, and what is called when it needs more than one write. */
export type PublisherOptions = {
  /** How long to wait for one confirmation of the stream. */
  readonly ackTimeoutMs: number;
  /** Called with the reason when the stream does not allow batches; events are then stored one by one. */
  readonly onBatchingUnavailable?: (reason: string) => void;
  /** Called for each event that is stored again because its first copy is not verified as durable, with its source. */
  readonly onUnverified?: (source: string) => void;
};

/** Ids and sequences of 20,000 events take some 3 MB. */
const verifiedLimits = { maxEntries: 20_000, maxAgeMs: stream.duplicateWindowMs };

/** Events that arrive together are committed together: docs/decisions/0021. */
export function createEventPublisher(
  link: NatsLink,
  { ackTimeoutMs, onBatchingUnavailable = () => {}, onUnverified = () => {} }: PublisherOptions,
): StreamPublisher {
  let forgetVerified = (): void => {};
  let firstSequence = 0;
  const publisherOn = memoizeLast((connection) => {
    // Another connection may lead to another server, of which nothing is verified yet.
    const verified = createVerifiedIds({ ...verifiedLimits, firstSequence: () => firstSequence });
    forgetVerified = verified.forget;
    const confirmations = createConfirmations(connection);
    const writer = createVerifyingWriter(createStreamWriter(confirmations, ackTimeoutMs), {
      verified,
      onUnverified,
    });
    const store = createGroupCommit(writer, { maxWaitMs: ackTimeoutMs, onBatchingUnavailable });
    return { store, isStuck: confirmations.isStuck };
  });
  return {
    streamChanged: () => forgetVerified(),
    setFirstSequence: (sequence) => void (firstSequence = sequence),
    async publish(event) {
      // Without a connection the client would buffer, without bound, what may never be sent.
      const { store, isStuck } = publisherOn(requireConnection(link));
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

/** Makes one object for each connection: after a reconnection, what belonged to the old one is discarded. */
function memoizeLast<T>(make: (connection: LiveConnection) => T): (connection: LiveConnection) => T {
  let last: { readonly connection: LiveConnection; readonly made: T } | undefined;
  return (connection) => {
    if (last?.connection !== connection) last = { connection, made: make(connection) };
    return last.made;
  };
}
