import type { ProvenIds } from "./proven-ids.ts";
import type { OutgoingEvent, StreamWriter } from "./stream-writer.ts";

/** Called for an event of which the server says that it knows the id, and nothing proves that it is on disk. */
export type ProvingOptions = { readonly proven: ProvenIds; readonly onUnproven: () => void };

/**
 * A writer whose `duplicate` is worth as much as a confirmation. That the server knows an id is no proof that the event is
 * on its disk: it notes the ids of a batch before it syncs them, and after a restart it knows those of messages that it
 * read from the system's memory, and it still knows those of messages that were purged (docs/decisions/0031). So unless this
 * process saw the first copy being confirmed and the stream still has it, the event is stored once more, and only the confirmation of that copy makes it a duplicate.
 */
export function createProvingWriter(
  writer: StreamWriter,
  { proven, onUnproven }: ProvingOptions,
): StreamWriter {
  const copying = new Map<string, Promise<number>>();
  /** One copy serves all deliveries of an event that wait at the same time. */
  const copy = async (event: OutgoingEvent): Promise<number> => {
    const running = copying.get(keyOf(event)) ?? writer.again(event);
    copying.set(keyOf(event), running);
    try {
      return await running;
    } finally {
      copying.delete(keyOf(event));
    }
  };
  return {
    async one(event) {
      const stored = await writer.one(event);
      if (stored.duplicate && !proven.has(keyOf(event), stored.sequence)) {
        onUnproven();
        proven.note(keyOf(event), stored.sequence, await copy(event));
      } else if (!stored.duplicate) proven.note(keyOf(event), stored.sequence);
      return stored;
    },
    async together(events) {
      const last = await writer.together(events);
      for (const [index, event] of events.entries())
        proven.note(keyOf(event), last - events.length + 1 + index);
      return last;
    },
    again: (event) => writer.again(event),
  };
}

/** Which of two deliveries of one event counts depends on the account that they name, so one is no proof of the other. */
function keyOf({ id, account }: OutgoingEvent): string {
  return account === undefined ? id : `${id} ${account}`;
}
