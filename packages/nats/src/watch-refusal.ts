import { ConsumerDebugEvents, type ConsumerMessages } from "nats";

/** Whether the server refuses a pull; the client itself waits for messages that will not come. */
export type RefusalWatch = {
  /** @throws Error with the server's words where it has refused. */
  throwIfRefused(): void;
  end(): void;
};

/** Unless the server has said no within this time, it has taken the pull. */
const refusesWithinMs = 250;
const refused = /^409 /;

/**
 * Ends a pull that the server refuses: 409, because it asks for more than the durable allows, too many wait already, or
 * its leader has changed. @param onTaken called once it has not been refused for a moment.
 */
export function watchRefusal(messages: ConsumerMessages, onTaken: () => void): RefusalWatch {
  let refusal: string | undefined;
  const timer = setTimeout(onTaken, refusesWithinMs);
  const watch = async (): Promise<void> => {
    for await (const { type, data } of await messages.status()) {
      if (type !== ConsumerDebugEvents.DebugEvent || typeof data !== "string" || !refused.test(data)) continue;
      refusal = data;
      clearTimeout(timer);
      messages.stop();
    }
  };
  void watch();
  return {
    throwIfRefused() {
      if (refusal === undefined) return;
      throw new Error(`the server refuses a pull from the durable: ${refusal}; if it lasts, run \`takings stream\``);
    },
    end: () => clearTimeout(timer),
  };
}
