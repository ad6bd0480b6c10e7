import { setTimeout as delay } from "node:timers/promises";

const defaultPollMs = 20;

/**
 * Tries until `check` gives something other than false or undefined without throwing, and returns that. Rejects
 * after `withinMs`, saying what was waited for and what was seen last. `what` completes "waited for …". `pollMs` is the
 * pause between checks; raise it for expensive checks, such as those that start a process.
 */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  withinMs = 10_000,
  pollMs = defaultPollMs,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await attempt(check);
    if (seen.kind === "value" && isSettled(seen.value)) return seen.value;
    if (Date.now() > deadline) throw givenUp(what, withinMs, seen);
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

function givenUp(what: string, withinMs: number, seen: Attempt<unknown>): Error {
  const last = seen.kind === "error" ? String(seen.error) : String(seen.value);
  const options = seen.kind === "error" ? { cause: seen.error } : {};
  return new Error(`Waited ${withinMs / 1000} s in vain for ${what}; last seen: ${last}`, options);
}
