import { HttpProblem } from "./http-problem.ts";

/** How many readings of the store may be in progress at once, and how long others wait for their slot. */
export type RequestQueueLimits = {
  readonly perCaller: number;
  readonly total: number;
  /** How many questions of one caller may wait at once. */
  readonly queuedPerCaller: number;
  readonly queueTimeoutMs: number;
};

/** Whoever waits for a slot. */
export type SlotRequest = {
  readonly caller: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** A further reading of a stream that is under way: it waits this long, however many others wait. */
  readonly streamQueueTimeoutMs?: number;
};

/** Waits for a slot and returns what ends it. @throws HttpProblem 429 or 503 when it does not come in time. */
export type AcquireSlot = (request: SlotRequest) => Promise<() => void>;

type Caller = { running: number; readonly waiting: (() => void)[] };

const retryAfterSeconds = 2;

/**
 * Shares the connections to the store among callers. A caller has a number of slots at once and waits for more; of
 * those who wait, the next slot is for whoever has the fewest. So questions that are slow are slow for the one who
 * asks them, and everybody else waits at most until some question ends.
 */
export function createRequestQueue(limits: RequestQueueLimits): AcquireSlot {
  const callers = new Map<string, Caller>();
  let running = 0;

  const begin = (name: string, caller: Caller): (() => void) => {
    running += 1;
    caller.running += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      running -= 1;
      caller.running -= 1;
      forget(name, caller);
      wakeNext();
    };
  };
  const forget = (name: string, { running: own, waiting }: Caller): void => {
    if (own === 0 && waiting.length === 0) callers.delete(name);
  };
  const wakeNext = (): void => {
    let next: Caller | undefined;
    // The map is in the order in which the callers came, which decides between those who have equally many.
    for (const caller of callers.values()) {
      const mayBegin = caller.waiting.length > 0 && caller.running < limits.perCaller;
      if (mayBegin && (next === undefined || caller.running < next.running)) next = caller;
    }
    next?.waiting.shift()?.();
  };

  return async ({ caller: name, signal, streamQueueTimeoutMs }) => {
    signal.throwIfAborted();
    const caller = callers.get(name) ?? { running: 0, waiting: [] };
    callers.set(name, caller);
    if (running < limits.total && caller.running < limits.perCaller) return begin(name, caller);
    if (streamQueueTimeoutMs === undefined && caller.waiting.length >= limits.queuedPerCaller) {
      throw tooMany(caller, limits);
    }
    const slot = Promise.withResolvers<() => void>();
    const wake = (): void => slot.resolve(begin(name, caller));
    const giveUp = (reason: unknown): void => {
      const place = caller.waiting.indexOf(wake);
      if (place === -1) return;
      caller.waiting.splice(place, 1);
      forget(name, caller);
      slot.reject(reason);
    };
    caller.waiting.push(wake);
    const leave = (): void => giveUp(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    const timer = setTimeout(
      () => giveUp(tooMany(caller, limits)),
      streamQueueTimeoutMs ?? limits.queueTimeoutMs,
    );
    try {
      return await slot.promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
    }
  };
}

function tooMany({ running }: Caller, { perCaller }: RequestQueueLimits): HttpProblem {
  if (running < perCaller) {
    const detail = "All concurrent requests are in use by other callers; retry shortly.";
    return new HttpProblem(503, detail, { retryAfterSeconds });
  }
  const detail = `Too many concurrent requests (limit ${running}); retry when one has finished.`;
  return new HttpProblem(429, detail, { retryAfterSeconds });
}
