import type { VerifiedIds } from "./verified-ids.ts";
import { idOfMessage, type OutgoingEvent, type StreamWriter } from "./stream-writer.ts";

/** `onUnverified` is called, with its source, for an event whose id the server knows, but whose copy is not verified as durable. */
export type VerifyingOptions = {
  readonly verified: VerifiedIds;
  readonly onUnverified: (source: string) => void;
};

/**
 * A writer whose `duplicate` is as reliable as a confirmation. The server may know an id although the event is not on its
 * disk: it registers the ids of a batch before it syncs them, after a restart it knows those of messages that it read from
 * the page cache, and it still knows those of purged messages (docs/decisions/0031). So unless this process received the
 * confirmation of an earlier copy that the stream still holds, the event is stored again, and only the confirmation of that
 * copy makes it a duplicate.
 */
export function createVerifyingWriter(
  writer: StreamWriter,
  { verified, onUnverified }: VerifyingOptions,
): StreamWriter {
  const copying = new Map<string, Promise<number>>();
  /** One copy serves all deliveries of an event that are waiting at the same time. */
  const copy = async (event: OutgoingEvent): Promise<number> => {
    const running = copying.get(keyOf(event)) ?? writer.writeCopy(event);
    copying.set(keyOf(event), running);
    try {
      return await running;
    } finally {
      copying.delete(keyOf(event));
    }
  };
  return {
    async write(event) {
      const stored = await writer.write(event);
      if (stored.duplicate && !verified.has(keyOf(event), stored.sequence)) {
        onUnverified(event.source);
        verified.add(keyOf(event), stored.sequence, await copy(event));
      } else if (!stored.duplicate) verified.add(keyOf(event), stored.sequence);
      return stored;
    },
    async writeBatch(events) {
      const last = await writer.writeBatch(events);
      for (const [index, event] of events.entries())
        verified.add(keyOf(event), last - events.length + 1 + index);
      return last;
    },
    writeCopy: (event) => writer.writeCopy(event),
  };
}

/** Which of two deliveries of one event counts depends on the account they name, so one does not verify the other. */
function keyOf(event: OutgoingEvent): string {
  const id = idOfMessage(event);
  return event.account === undefined ? id : `${id} ${event.account}`;
}
