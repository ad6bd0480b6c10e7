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
    const running = copying.get(event.id) ?? writer.again(event);
    copying.set(event.id, running);
    try {
      return await running;
    } finally {
      copying.delete(event.id);
    }
  };
  return {
    async one(event) {
      const stored = await writer.one(event);
      if (stored.duplicate && !proven.has(event.id, stored.sequence)) {
        onUnproven();
        proven.note(event.id, stored.sequence, await copy(event));
      } else if (!stored.duplicate) proven.note(event.id, stored.sequence);
      return stored;
    },
    async together(events) {
      const last = await writer.together(events);
      for (const [index, { id }] of events.entries()) proven.note(id, last - events.length + 1 + index);
      return last;
    },
    again: (event) => writer.again(event),
  };
}
