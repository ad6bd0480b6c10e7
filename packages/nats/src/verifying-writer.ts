import type { VerifiedIds } from "./verified-ids.ts";
import type { OutgoingEvent, StreamWriter } from "./stream-writer.ts";

/** Called for an event of which the server says that it knows the id, and nothing proves that it is on disk. */
export type VerifyingOptions = { readonly verified: VerifiedIds; readonly onUnverified: () => void };

/**
 * A writer whose `duplicate` is worth as much as a confirmation. That the server knows an id is no proof that the event is
 * on its disk: it notes the ids of a batch before it syncs them, and after a restart it knows those of messages that it
 * read from the system's memory, and it still knows those of messages that were purged (docs/decisions/0031). So unless this
 * process saw the first copy being confirmed and the stream still has it, the event is stored once more, and only the confirmation of that copy makes it a duplicate.
 */
export function createVerifyingWriter(
  writer: StreamWriter,
  { verified, onUnverified }: VerifyingOptions,
): StreamWriter {
  const copying = new Map<string, Promise<number>>();
  /** One copy serves all deliveries of an event that wait at the same time. */
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
        onUnverified();
        verified.note(keyOf(event), stored.sequence, await copy(event));
      } else if (!stored.duplicate) verified.note(keyOf(event), stored.sequence);
      return stored;
    },
    async writeBatch(events) {
      const last = await writer.writeBatch(events);
      for (const [index, event] of events.entries())
        verified.note(keyOf(event), last - events.length + 1 + index);
      return last;
    },
    writeCopy: (event) => writer.writeCopy(event),
  };
}

/** Which of two deliveries of one event counts depends on the account that they name, so one is no proof of the other. */
function keyOf({ id, account }: OutgoingEvent): string {
  return account === undefined ? id : `${id} ${account}`;
}
