import { ConsumerDebugEvents, type ConsumerMessages } from "nats";

/** Detects that the server rejects a pull; the client itself keeps waiting for messages. */
export type PullRejectionWatch = {
  /** Call it for each message. */
  onMessage(): void;
  /** Ends the watch. */
  end(): void;
  /** Call it once the pull has expired. @throws Error when the server rejected it or did not respond. */
  throwIfRejected(): Promise<void>;
};

/** A pull that the server has not rejected within this time is most likely accepted. */
const rejectsWithinMs = 250;
const rejected = /^409 /;
const advice = "if it lasts, run `takings stream`";

/** The server did not respond to a pull at all; the fault lasts until it responds to a later one. */
export class UnansweredPullError extends Error {}

/**
 * Ends a pull that the server rejects: 409, because it asks for more than the durable allows or the leader has changed.
 * While too many pulls are waiting the server does not respond at all, not even when the pull expires.
 * @param onAccepted called when the server responded, or when it has not rejected the pull for a moment (`isPresumed`).
 */
export function watchPullRejection(
  messages: ConsumerMessages,
  onAccepted: (isPresumed: boolean) => void,
): PullRejectionWatch {
  let rejection: string | undefined;
  let isUnanswered = true;
  const timer = setTimeout(onAccepted, rejectsWithinMs, true);
  const watch = async (): Promise<void> => {
    for await (const { type, data } of await messages.status()) {
      if (type === ConsumerDebugEvents.Discard || type === ConsumerDebugEvents.DebugEvent)
        isUnanswered = false;
      if (type !== ConsumerDebugEvents.DebugEvent || typeof data !== "string" || !rejected.test(data))
        continue;
      rejection = data;
      clearTimeout(timer);
      messages.stop();
    }
  };
  const watching = watch();
  return {
    onMessage() {
      isUnanswered = false;
      onAccepted(false);
    },
    end: () => clearTimeout(timer),
    async throwIfRejected() {
      // The pull's end can overtake the server's status; the client ends its statuses with the pull.
      await watching;
      if (rejection !== undefined) throw new Error(`the server refuses a pull: ${rejection}; ${advice}`);
      if (isUnanswered)
        throw new UnansweredPullError(
          `the server does not respond to a pull, as when too many are waiting; ${advice}`,
        );
      onAccepted(false);
    },
  };
}
