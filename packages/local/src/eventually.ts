import { setTimeout as delay } from "node:timers/promises";

/**
 * Calls `check` every `pollMs` until it returns something other than false or undefined without throwing, and returns
 * that. Rejects after `withinMs`, with what was waited for and what was seen last. `what` completes "waiting for …".
 */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  withinMs = 10_000,
  pollMs = 20,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await attempt(check);
    if (seen.kind === "value" && isSettled(seen.value)) return seen.value;
    if (Date.now() > deadline) throw timedOut(what, withinMs, seen);
    await delay(pollMs);
  }
}

type Attempt<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "error"; readonly error: unknown };

async function attempt<T>(check: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: "value", value: await check() };
  } catch (error) {
    return { kind: "error", error };
  }
}

function isSettled<T>(value: T): value is Exclude<T, false | undefined> {
  return value !== false && value !== undefined;
}

function timedOut(what: string, withinMs: number, seen: Attempt<unknown>): Error {
  const last = seen.kind === "error" ? String(seen.error) : String(seen.value);
  const options = seen.kind === "error" ? { cause: seen.error } : {};
  return new Error(`Timed out after ${withinMs / 1000} s waiting for ${what}; last seen: ${last}`, options);
}
