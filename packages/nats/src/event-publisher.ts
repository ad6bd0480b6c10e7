import { TakingsError } from "@takings/domain";
import { createConfirmations } from "./confirmations.ts";
import { createGroupCommit, type Stored } from "./group-commit.ts";
import type { LiveConnection, NatsLink } from "./nats-link.ts";
import { createStreamWriter, type OutgoingEvent } from "./stream-writer.ts";

export type EventPublisher = {
  /**
   * Stores one event. Resolves only when the server has confirmed that the right stream holds it, and tells
   * whether it was held already. That it was is no proof that it is on disk: docs/decisions/0021.
   * @throws TakingsError `unavailable` in every other case, including every doubt: the sender must try again.
   */
  publish(event: OutgoingEvent): Promise<Stored>;
};

export type PublisherOptions = {
  /** How long to wait for one confirmation of the stream. */
  readonly ackTimeoutMs: number;
  /** Told when the stream does not allow that events share a sync of its disk, and why; they are stored all the same. */
  readonly onSingly?: (reason: string) => void;
};

/** Events that arrive together are committed together: docs/decisions/0021. */
export function createEventPublisher(
  link: NatsLink,
  { ackTimeoutMs, onSingly = () => {} }: PublisherOptions,
): EventPublisher {
  const storeOn = rememberLast((connection) =>
    createGroupCommit(createStreamWriter(createConfirmations(connection), ackTimeoutMs), {
      mostWaitMs: ackTimeoutMs,
      onSingly,
    }),
  );
  return {
    async publish(event) {
      // Without a connection the client would buffer, without bound, what may never be sent.
      const connection = link.live();
      if (connection === undefined) throw new TakingsError("unavailable", "no connection to NATS");
      try {
        return await storeOn(connection)(event);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new TakingsError("unavailable", `not confirmed by the stream: ${reason}`, { cause });
      }
    },
  };
}

/** After a reconnection there is another connection, and what belonged to the old one is over. */
function rememberLast<T>(make: (connection: LiveConnection) => T): (connection: LiveConnection) => T {
  let last: { readonly connection: LiveConnection; readonly made: T } | undefined;
  return (connection) => {
    if (last?.connection !== connection) last = { connection, made: make(connection) };
    return last.made;
  };
}
