import { randomUUID } from "node:crypto";
import { defaultSource, messageIdOf } from "@takings/domain";
import { eventIdHeader, sourceHeader, stream, subjectOf } from "@takings/wire";
import type { Confirmations, OutgoingMessage } from "./confirmations.ts";
import { type PubAck, readPubAck } from "./pub-ack.ts";

/** An event ready to be stored on the stream. */
export type OutgoingEvent = {
  /** Unique within its source only. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The account that its body names; deliveries of one event differ in it when several endpoints receive the event. */
  readonly account?: string;
  /** The bytes whose signature was verified; they are stored unchanged. */
  readonly body: Uint8Array;
  /** Further headers, such as the W3C trace context. */
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Writes events to the stream, on one connection. Each method resolves only when the right stream has confirmed every
 * given event, and throws StreamRefusal when the stream refused, any other error when it is unknown what was stored.
 */
export type StreamWriter = {
  /** Writes a single message. `duplicate`: the server knows the id, from the message at that sequence. */
  write(event: OutgoingEvent): Promise<{ readonly duplicate: boolean; readonly sequence: number }>;
  /**
   * Writes all or none, with one sync of the server's disk: an atomic batch (ADR-50 of NATS). It is refused as a whole when
   * one of the ids is known already, or occurs in it twice; so nothing it confirms is a duplicate. Resolves with the
   * sequence of the last one; the others precede it without a gap.
   */
  writeBatch(events: readonly OutgoingEvent[]): Promise<number>;
  /** Writes another copy, whether the server knows the event's id or not. Resolves with its sequence. */
  writeCopy(event: OutgoingEvent): Promise<number>;
};

/** Creates the writer over the confirmations of one connection. */
export function createStreamWriter(confirmations: Confirmations, timeoutMs: number): StreamWriter {
  const confirmed = async (outgoing: OutgoingMessage): Promise<PubAck> => {
    const ack = readPubAck(await confirmations.send(outgoing, timeoutMs));
    // Any stream can be configured to capture our subjects; its confirmation differs in the name only.
    if (ack.stream !== stream.name || !(ack.seq > 0)) {
      throw new Error(`stream ${ack.stream} confirmed instead of ${stream.name}`);
    }
    return ack;
  };
  return {
    async write(event) {
      const { duplicate, seq } = await confirmed(message(event, { "Nats-Msg-Id": idOfMessage(event) }));
      return { duplicate, sequence: seq };
    },
    async writeBatch(events) {
      const batch = randomUUID();
      const messages = events.map((event, index) =>
        message(event, {
          "Nats-Msg-Id": idOfMessage(event),
          "Nats-Batch-Id": batch,
          "Nats-Batch-Sequence": String(index + 1),
        }),
      );
      const last = messages.pop();
      if (last === undefined) throw new Error("an empty batch");
      for (const each of messages) confirmations.post(each);
      const ack = await confirmed({ ...last, headers: { ...last.headers, "Nats-Batch-Commit": "1" } });
      // A server without batches would store the messages one by one, and confirm the last one only.
      if (ack.batch !== batch || ack.count !== events.length) {
        throw new Error(`a batch of ${events.length} was confirmed as one of ${ack.count ?? 1}`);
      }
      return ack.seq;
    },
    async writeCopy(event) {
      const { duplicate, seq } = await confirmed(message(event, { [eventIdHeader]: idOfMessage(event) }));
      if (duplicate) throw new Error("the server reported a copy without an id as a duplicate");
      return seq;
    },
  };
}

function message(event: OutgoingEvent, extraHeaders: Readonly<Record<string, string>>): OutgoingMessage {
  return {
    subject: subjectOf(event.type),
    body: event.body,
    headers: {
      ...event.headers,
      "Nats-Expected-Stream": stream.name,
      ...(event.source !== defaultSource && { [sourceHeader]: event.source }),
      ...extraHeaders,
    },
  };
}

/** What the server and this process recognise an event by: two sources may have events with the same id. */
export function idOfMessage({ source, id }: OutgoingEvent): string {
  return messageIdOf({ source, eventId: id });
}
