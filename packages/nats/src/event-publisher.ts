import { TakingsError } from "@takings/domain";
import { stream, subjectOf } from "@takings/wire";
import { type Confirmations, createConfirmations } from "./confirmations.ts";
import type { LiveConnection, NatsLink } from "./nats-link.ts";
import { readPubAck } from "./pub-ack.ts";

/** An event ready to be stored on the stream. */
export type OutgoingEvent = {
  readonly id: string;
  readonly type: string;
  /** The bytes whose signature was checked; they are stored as they are. */
  readonly body: Uint8Array;
  /** Further headers, such as the W3C trace context. */
  readonly headers: Readonly<Record<string, string>>;
};

export type EventPublisher = {
  /**
   * Stores one event. Resolves only when the server has confirmed that the right stream holds it, and tells
   * whether it was held already.
   * @throws TakingsError `unavailable` in every other case, including every doubt: the sender must try again.
   */
  publish(event: OutgoingEvent): Promise<{ readonly duplicate: boolean }>;
};

export type PublisherOptions = {
  /** How long to wait for the confirmation of one event. */
  readonly ackTimeoutMs: number;
};

/**
 * Every event is a message of its own with a confirmation of its own, however many are on their way together:
 * docs/decisions/0021 has why they are not made batches.
 */
export function createEventPublisher(link: NatsLink, options: PublisherOptions): EventPublisher {
  const confirmationsOn = rememberLast(createConfirmations);
  return {
    async publish(event) {
      // Without a connection the client would buffer, without bound, what may never be sent.
      const connection = link.live();
      if (connection === undefined) throw new TakingsError("unavailable", "no connection to NATS");
      const ack = await confirmed(confirmationsOn(connection), event, options.ackTimeoutMs);
      // Any stream can be set up to capture our subjects, and its confirmation looks the same but for the name.
      if (ack.stream !== stream.name || !(ack.seq > 0)) {
        throw new TakingsError("unavailable", `stream ${ack.stream} confirmed instead of ${stream.name}`);
      }
      return { duplicate: ack.duplicate };
    },
  };
}

async function confirmed(
  confirmations: Confirmations,
  event: OutgoingEvent,
  timeoutMs: number,
): Promise<ReturnType<typeof readPubAck>> {
  try {
    const headers = { ...event.headers, "Nats-Msg-Id": event.id, "Nats-Expected-Stream": stream.name };
    const sending = { subject: subjectOf(event.type), body: event.body, headers };
    return readPubAck(await confirmations.send(sending, timeoutMs));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TakingsError("unavailable", `not confirmed by the stream: ${reason}`, { cause });
  }
}

/** After a reconnection there is another connection, and what belonged to the old one is over. */
function rememberLast<T>(make: (connection: LiveConnection) => T): (connection: LiveConnection) => T {
  let last: { readonly connection: LiveConnection; readonly made: T } | undefined;
  return (connection) => {
    if (last?.connection !== connection) last = { connection, made: make(connection) };
    return last.made;
  };
}
