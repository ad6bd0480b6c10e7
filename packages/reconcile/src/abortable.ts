import { setTimeout as pause } from "node:timers/promises";

/**
 * The outcome of some work, unless the signal is aborted before; what has begun may still go on then.
 * @throws the signal's reason.
 */
export async function abortable<T>(begin: () => Promise<T>, stopping: AbortSignal): Promise<T> {
  stopping.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(stopping.reason);
  stopping.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([begin(), stopped.promise]);
  } finally {
    stopping.removeEventListener("abort", stop);
  }
}

/** Waits. @throws the signal's reason, as soon as it is aborted. */
export async function abortableDelay(ms: number, stopping: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: stopping }).catch(() => stopping.throwIfAborted());
}
