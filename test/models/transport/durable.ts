import type { Database, Durable, Identity, Message, Stream } from "./state.ts";
import type { Rules } from "./rules.ts";

/** Everything up to here was acknowledged, or is not to be delivered. What is gone from the stream counts as acknowledged. */
export function ackFloor(stream: Stream, durable: Durable): number {
  const open = stream.messages.find((message) => !isPast(durable, message));
  return Math.min(
    open === undefined ? stream.last : open.sequence - 1,
    Math.max(durable.delivered, durable.start - 1),
  );
}

/** Whether the durable will not deliver a message any more. */
export function isPast({ start, acked }: Durable, { sequence }: Message): boolean {
  return sequence < start || acked.includes(sequence);
}

/** `committedFloor` of purge-plan.ts: from the first message of the stream on, all up to here are known to be committed. */
export function committedFloor(database: Database, stream: Stream, durable: Durable, rules: Rules): number {
  const identity = identityOf(stream, durable);
  const known = (sequence: number): boolean =>
    database.progress.some(
      (progress) =>
        progress.sequences.includes(sequence) &&
        (isSame(progress, identity, rules) ||
          (rules.beforeTheStart === "any durable" &&
            progress.stream === stream.created &&
            sequence < durable.start)),
    );
  const open = stream.messages.find(({ sequence }) => !known(sequence));
  return open === undefined ? stream.last : open.sequence - 1;
}

export function identityOf(stream: Stream, durable: Durable): Identity {
  return { stream: stream.created, durable: durable.created };
}

/** Whether progress noted under one identity is that of the other. */
function isSame(a: Identity, b: Identity, { committedSequencesOf }: Rules): boolean {
  return a.stream === b.stream && (committedSequencesOf === "stream" || a.durable === b.durable);
}
