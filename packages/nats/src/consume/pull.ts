import { setTimeout as delay } from "node:timers/promises";
import { durable, stream } from "@takings/wire";
import { createInbox, type Msg } from "nats";
import { apiPrefix } from "../jetstream-api.ts";
import type { LiveConnection } from "../nats-link.ts";

/** What one pull asks for: at most so many messages, of at most so many bytes together. */
export type PullRequest = {
  readonly count: number;
  readonly maxBytes: number;
  /** When the server ends the pull, whatever it has sent by then. */
  readonly expiresMs: number;
};

/** What is called while a pull lasts, and what ends it before it expires. */
export type Puller = {
  readonly onMessage: (message: Msg) => void;
  /** The server responded, or has not refused the pull for a moment (`isPresumed`). */
  readonly onAccepted: (isPresumed: boolean) => void;
  /** What the server has sent by then is received first, so that it is nak'd and not kept from others for ack-wait. */
  readonly stopped: AbortSignal;
};

/** The server did not respond to a pull at all; the fault lasts until it responds to a later one. */
export class UnansweredPullError extends Error {}

/** A pull that the server has not refused within this time is most likely accepted. */
const refusesWithinMs = 250;
/** How much later than the server the pull is ended here. */
const graceMs = 500;
/** How long a server may take to answer that everything it sent was received, before the pull is ended anyway. */
const lastReceiveMs = 1_000;
const advice = "if it lasts, run `takings stream`";

/**
 * Pulls messages from the durable on one connection, and resolves when the server has sent all that was asked for, the pull
 * has expired, the connection is lost, or it is stopped. The client's own pulls limit either messages or bytes, not both,
 * and make several requests for each: ADR-13 and ADR-15 of NATS describe what is sent here.
 * @throws Error when the server refuses the pull, UnansweredPullError when it does not respond to it.
 */
export async function pull(
  { nats, inbox, lost }: LiveConnection,
  { count, maxBytes, expiresMs }: PullRequest,
  { onMessage, onAccepted, stopped }: Puller,
): Promise<void> {
  const reply = createInbox(inbox);
  const ended = Promise.withResolvers<void>();
  let remaining = count;
  let isAnswered = false;
  const subscription = nats.subscribe(reply, {
    callback(error, message) {
      if (error !== null) return ended.reject(error);
      isAnswered = true;
      if (message.subject === reply) return settleByStatus(message, ended);
      try {
        onAccepted(false);
        onMessage(message);
      } catch (unreadable) {
        return ended.reject(unreadable);
      }
      remaining -= 1;
      if (remaining === 0) ended.resolve();
    },
  });
  const presumed = setTimeout(onAccepted, refusesWithinMs, true);
  const end = (): void => ended.resolve();
  const expired = setTimeout(end, expiresMs + graceMs);
  const endWhenReceived = (): void => {
    void Promise.race([nats.flush(), delay(lastReceiveMs, undefined, { ref: false })])
      .catch(() => {})
      .then(() => setImmediate(end));
  };
  try {
    onAbort(lost, end);
    onAbort(stopped, endWhenReceived);
    const body = { batch: count, max_bytes: maxBytes, expires: expiresMs * 1e6 };
    nats.publish(`${apiPrefix}.CONSUMER.MSG.NEXT.${stream.name}.${durable.name}`, JSON.stringify(body), {
      reply,
    });
    await ended.promise;
    if (lost.aborted || stopped.aborted) return;
    if (!isAnswered)
      throw new UnansweredPullError(
        `the server does not respond to a pull, as when too many are waiting; ${advice}`,
      );
    onAccepted(false);
  } finally {
    clearTimeout(presumed);
    clearTimeout(expired);
    lost.removeEventListener("abort", end);
    stopped.removeEventListener("abort", endWhenReceived);
    subscription.unsubscribe();
  }
}

const badRequest = 400;
const conflict = 409;
const noResponders = 503;

/** What the server says instead of a message: that the pull is over, or that it refuses it. */
function settleByStatus({ headers }: Msg, ended: PromiseWithResolvers<void>): void {
  const { code = 0, description = "" } = headers ?? {};
  // A pull that the server accepted ends with how much of it remains, whatever the reason.
  const isOver = headers?.has("Nats-Pending-Messages") === true;
  if (!isOver && [badRequest, conflict, noResponders].includes(code))
    ended.reject(new Error(`the server refuses a pull: ${code} ${description.toLowerCase()}; ${advice}`));
  else ended.resolve();
}

function onAbort(signal: AbortSignal, listener: () => void): void {
  signal.addEventListener("abort", listener, { once: true });
  if (signal.aborted) listener();
}
