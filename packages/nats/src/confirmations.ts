import { createInbox, headers, type Msg } from "nats";
import type { LiveConnection } from "./nats-link.ts";

/** A message on its way to the stream. */
export type OutgoingMessage = {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
};

/** Sends messages on one connection and waits for their answers, as many at a time as there are. */
export type Confirmations = {
  /** Resolves with the answer. @throws Error when none comes in time, or none can come any more. */
  send(outgoing: OutgoingMessage, timeoutMs: number): Promise<Msg>;
  /** Sends what gets no answer of its own. */
  post(outgoing: OutgoingMessage): void;
  /**
   * Whether the server has not even read what it was sent, longer ago than a confirmation may take. What is sent on top of
   * that only fills the memory of this process.
   */
  isStuck(): boolean;
};

type Waiting = { resolve(answer: Msg): void; reject(error: Error): void };

const noResponders = 503;

/**
 * The client's own requests cost as much as everything else that is done for an event: three errors with their
 * stacks and two timers each, made for the case that it fails. This is one subscription and one timer.
 */
export function createConfirmations({ nats, inbox: prefix, lost }: LiveConnection): Confirmations {
  const inbox = createInbox(prefix);
  const waiting = new Map<string, Waiting>();
  let count = 0;
  const answers = nats.subscribe(`${inbox}.*`, {
    callback: (_, answer) => waiting.get(answer.subject)?.resolve(answer),
  });
  lost.addEventListener(
    "abort",
    () => {
      answers.unsubscribe();
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
  /** The server answers a ping when it has read everything that was sent before it. */
  const watchReading = (): void => {
    unread ??= nats.flush().then(
      () => void (unread = undefined),
      // The connection is lost, and with it everything that was to be read.
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
        const answer = await promise;
        if (answer.data.length === 0 && answer.headers?.code === noResponders) {
          throw new Error(`nothing listens on ${outgoing.subject}`);
        }
        return answer;
      } finally {
        clearTimeout(timer);
        waiting.delete(reply);
      }
    },
    post: (outgoing) => post(outgoing),
    isStuck: () => unread !== undefined,
  };
}
