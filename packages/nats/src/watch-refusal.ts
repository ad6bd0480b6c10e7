import { ConsumerDebugEvents, type ConsumerMessages } from "nats";

/** Whether the server refuses a pull; the client itself waits for messages that will not come. */
export type RefusalWatch = {
  /** To be called with each message. */
  heard(): void;
  /** Ends the watch. */
  end(): void;
  /** Once the pull has ended by itself. @throws Error where the server has refused it. */
  judge(): Promise<void>;
};

/** Unless the server has said no within this time, it has most likely taken the pull. */
const refusesWithinMs = 250;
const refused = /^409 /;
const advice = "if it lasts, run `takings stream`";

/** A pull about which the server said nothing at all; only what is heard of a later one ends that trouble. */
export class SilentPull extends Error {}

/**
 * Ends a pull that the server refuses: 409, because it asks for more than the durable allows or the leader has changed.
 * Where too many pulls wait already the server says nothing at all, not even that the time is over.
 * @param onTaken called when something was heard of it, or when it has not been refused for a moment (`inDoubt`).
 */
export function watchRefusal(messages: ConsumerMessages, onTaken: (inDoubt: boolean) => void): RefusalWatch {
  let refusal: string | undefined;
  let isSilent = true;
  const timer = setTimeout(onTaken, refusesWithinMs, true);
  const watch = async (): Promise<void> => {
    for await (const { type, data } of await messages.status()) {
      if (type === ConsumerDebugEvents.Discard || type === ConsumerDebugEvents.DebugEvent) isSilent = false;
      if (type !== ConsumerDebugEvents.DebugEvent || typeof data !== "string" || !refused.test(data))
        continue;
      refusal = data;
      clearTimeout(timer);
      messages.stop();
    }
  };
  const watching = watch();
  return {
    heard() {
      isSilent = false;
      onTaken(false);
    },
    end: () => clearTimeout(timer),
    async judge() {
      // The pull's end can overtake what the server said of it; the client ends its statuses with the pull.
      await watching;
      if (refusal !== undefined) throw new Error(`the server refuses a pull: ${refusal}; ${advice}`);
      if (isSilent)
        throw new SilentPull(`the server says nothing of a pull, as where too many wait; ${advice}`);
      onTaken(false);
    },
  };
}
