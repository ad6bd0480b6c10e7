import { createInbox, headers, type Msg } from "nats";
import type { LiveConnection } from "../nats-link.ts";

/** A message to be sent to the stream. */
export type OutgoingMessage = {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
};

/** Sends messages on one connection and waits for their confirmations, any number at the same time. */
export type Confirmations = {
  /** Resolves with the response. @throws Error when there is none in time, or the connection is lost. */
  send(outgoing: OutgoingMessage, timeoutMs: number): Promise<Msg>;
  /** Sends a message without expecting a response. */
  post(outgoing: OutgoingMessage): void;
  /**
   * Whether the server has not read what was sent longer ago than a confirmation may take. Further messages would only fill
   * this process's memory.
   */
  isStuck(): boolean;
};

type Waiting = { resolve(response: Msg): void; reject(error: Error): void };

const noResponders = 503;

/**
 * The client's own requests cost as much as all other work for an event: for the case of a failure each creates three
 * errors with their stacks, and two timers. This uses one subscription, and one timer for each message.
 */
export function createConfirmations({ nats, inbox: prefix, lost }: LiveConnection): Confirmations {
  const inbox = createInbox(prefix);
  const waiting = new Map<string, Waiting>();
  let count = 0;
  const responses = nats.subscribe(`${inbox}.*`, {
    callback: (_, response) => waiting.get(response.subject)?.resolve(response),
  });
  lost.addEventListener(
    "abort",
    () => {
      responses.unsubscribe();
      const error = new Error("the connection was lost before the confirmation");
      for (const one of waiting.values()) one.reject(error);
    },
    { once: true },
  );
  const post = (outgoing: OutgoingMessage, reply?: string): void => {
    const head = headers();
    for (const [name, value] of Object.entries(outgoing.headers)) head.append(name, value);
    nats.publish(outgoing.subject, outgoing.body, {
      headers: head,
      ...(reply === undefined ? {} : { reply }),
    });
  };
  let unread: Promise<void> | undefined;
  /** The server responds to a ping when it has read everything that was sent before it. */
  const watchReading = (): void => {
    unread ??= nats.flush().then(
      () => void (unread = undefined),
      // The connection is lost, and with it everything that the server had not read.
      () => {},
    );
  };
  return {
    async send(outgoing, timeoutMs) {
      count += 1;
      const reply = `${inbox}.${count}`;
      const { promise, resolve, reject } = Promise.withResolvers<Msg>();
      const timer = setTimeout(() => {
        watchReading();
        reject(new Error(`no confirmation within ${timeoutMs} ms`));
      }, timeoutMs);
      waiting.set(reply, { resolve, reject });
      try {
        post(outgoing, reply);
        const response = await promise;
        if (response.data.length === 0 && response.headers?.code === noResponders) {
          throw new Error(`no stream captures ${outgoing.subject}`);
        }
        return response;
      } finally {
        clearTimeout(timer);
        waiting.delete(reply);
      }
    },
    post: (outgoing) => post(outgoing),
    isStuck: () => unread !== undefined,
  };
}
