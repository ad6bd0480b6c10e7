/** Deliveries that wait to be taken. */
export type DeliveryBuffer<T> = {
  readonly waiting: readonly T[];
  add(one: T): void;
  /** Empties it. */
  takeAll(): T[];
  /** Resolves when something waits, or it is stopped. */
  untilFilled(): Promise<void>;
  /** Resolves with how many more it may hold, or when it is stopped. */
  untilRoom(): Promise<number>;
};

/** Above it nothing more is pulled: bounds memory and the size of a transaction where bodies are large. */
const maxBytes = 32_000_000;

/** Creates an empty buffer of at most so many deliveries. @param stopped ends all waits. */
export function createDeliveryBuffer<T extends { readonly body: Uint8Array }>(
  maxCount: number,
  stopped: AbortSignal,
): DeliveryBuffer<T> {
  const waiting: T[] = [];
  let bytes = 0;
  let filled = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();
  const endWaits = (): void => {
    filled.resolve();
    room.resolve();
  };
  stopped.addEventListener("abort", endWaits, { once: true });
  return {
    waiting,
    add(one) {
      waiting.push(one);
      bytes += one.body.byteLength;
      filled.resolve();
    },
    takeAll() {
      bytes = 0;
      room.resolve();
      room = Promise.withResolvers();
      return waiting.splice(0);
    },
    async untilFilled() {
      while (waiting.length === 0 && !stopped.aborted) {
        await filled.promise;
        filled = Promise.withResolvers();
      }
    },
    async untilRoom() {
      if ((waiting.length >= maxCount || bytes >= maxBytes) && !stopped.aborted) await room.promise;
      return maxCount - waiting.length;
    },
  };
}
