import { TakingsError } from "@takings/domain";
import { stream, subjectOf } from "@takings/wire";
import { headers } from "nats";
import type { LiveConnection, NatsLink } from "./nats-link.ts";

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

export function createEventPublisher(link: NatsLink, options: PublisherOptions): EventPublisher {
  return {
    async publish(event) {
      // Without a connection the client would buffer, without bound, what may never be sent.
      const connection = link.live();
      if (connection === undefined) throw new TakingsError("unavailable", "no connection to NATS");
      const ack = await confirmed(connection, event, options.ackTimeoutMs);
      // Any stream can be set up to capture our subjects, and its confirmation looks the same but for the name.
      if (ack.stream !== stream.name || !(ack.seq > 0)) {
        throw new TakingsError("unavailable", `stream ${ack.stream} confirmed instead of ${stream.name}`);
      }
      return { duplicate: ack.duplicate };
    },
  };
}

async function confirmed(
  { nats, lost }: LiveConnection,
  event: OutgoingEvent,
  timeout: number,
): Promise<{ stream: string; seq: number; duplicate: boolean }> {
  const messageHeaders = headers();
  for (const [name, value] of Object.entries(event.headers)) messageHeaders.set(name, value);
  const gone = Promise.withResolvers<never>();
  const onLost = (): void => gone.reject(new Error("the connection was lost before the confirmation"));
  lost.addEventListener("abort", onLost, { once: true });
  try {
    const confirmation = nats.jetstream().publish(subjectOf(event.type), event.body, {
      msgID: event.id,
      headers: messageHeaders,
      expect: { streamName: stream.name },
      timeout,
    });
    return await Promise.race([confirmation, gone.promise]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TakingsError("unavailable", `not confirmed by the stream: ${reason}`, { cause });
  } finally {
    lost.removeEventListener("abort", onLost);
  }
}
