import { ConsumerDebugEvents, type ConsumerMessages } from "nats";

/** Whether the server refuses a pull; the client itself waits for messages that will not come. */
export type PullRejectionWatch = {
  /** To be called with each message. */
  onMessage(): void;
  /** Ends the watch. */
  end(): void;
  /** Once the pull has ended by itself. @throws Error where the server has refused it. */
  throwIfRejected(): Promise<void>;
};

/** Unless the server has said no within this time, it has most likely taken the pull. */
const refusesWithinMs = 250;
const refused = /^409 /;
const advice = "if it lasts, run `takings stream`";

/** A pull about which the server said nothing at all; only what is heard of a later one ends that trouble. */
export class UnansweredPullError extends Error {}

/**
 * Ends a pull that the server refuses: 409, because it asks for more than the durable allows or the leader has changed.
 * Where too many pulls wait already the server says nothing at all, not even that the time is over.
 * @param onAccepted called when something was heard of it, or when it has not been refused for a moment (`isPresumed`).
 */
export function watchPullRejection(
  messages: ConsumerMessages,
  onAccepted: (isPresumed: boolean) => void,
): PullRejectionWatch {
  let refusal: string | undefined;
  let isUnanswered = true;
  const timer = setTimeout(onAccepted, refusesWithinMs, true);
  const watch = async (): Promise<void> => {
    for await (const { type, data } of await messages.status()) {
      if (type === ConsumerDebugEvents.Discard || type === ConsumerDebugEvents.DebugEvent)
        isUnanswered = false;
      if (type !== ConsumerDebugEvents.DebugEvent || typeof data !== "string" || !refused.test(data))
        continue;
      refusal = data;
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
      // The pull's end can overtake what the server said of it; the client ends its statuses with the pull.
      await watching;
      if (refusal !== undefined) throw new Error(`the server refuses a pull: ${refusal}; ${advice}`);
      if (isUnanswered)
        throw new UnansweredPullError(
          `the server does not respond to a pull, as when too many are waiting; ${advice}`,
        );
      onAccepted(false);
    },
  };
}
