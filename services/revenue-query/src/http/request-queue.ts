import { HttpProblem } from "./http-problem.ts";

/** How many database reads may run concurrently, and how long others wait for a slot. */
export type RequestQueueLimits = {
  readonly perCaller: number;
  readonly total: number;
  /** How many requests of one caller may wait at the same time. */
  readonly queuedPerCaller: number;
  readonly queueTimeoutMs: number;
};

/** A request for a slot. */
export type SlotRequest = {
  readonly caller: string;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
  /** The next page of a running stream: it waits this long, however many requests of the caller wait already. */
  readonly streamQueueTimeoutMs?: number;
};

/** Waits for a slot and returns the function that frees it. @throws HttpProblem 429 or 503 if the wait is too long. */
export type AcquireSlot = (request: SlotRequest) => Promise<() => void>;

type Caller = { running: number; readonly waiting: (() => void)[] };

const retryAfterSeconds = 2;

/**
 * Shares the database connections among callers. A caller has a limited number of slots and waits for more; a free slot
 * goes to the waiting caller with the fewest running requests. So slow requests delay only the caller who sends them,
 * and everyone else waits at most until some request finishes.
 */
export function createRequestQueue(limits: RequestQueueLimits): AcquireSlot {
  const callers = new Map<string, Caller>();
  let running = 0;

  const start = (name: string, caller: Caller): (() => void) => {
    running += 1;
    caller.running += 1;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      running -= 1;
      caller.running -= 1;
      forgetIfIdle(name, caller);
      wakeNext();
    };
  };
  const forgetIfIdle = (name: string, { running: own, waiting }: Caller): void => {
    if (own === 0 && waiting.length === 0) callers.delete(name);
  };
  const wakeNext = (): void => {
    let next: Caller | undefined;
    // The map keeps the order in which callers arrived, which decides between callers with equally many.
    for (const caller of callers.values()) {
      const mayStart = caller.waiting.length > 0 && caller.running < limits.perCaller;
      if (mayStart && (next === undefined || caller.running < next.running)) next = caller;
    }
    next?.waiting.shift()?.();
  };

  return async ({ caller: name, signal, streamQueueTimeoutMs }) => {
    signal.throwIfAborted();
    const caller = callers.get(name) ?? { running: 0, waiting: [] };
    callers.set(name, caller);
    if (running < limits.total && caller.running < limits.perCaller) return start(name, caller);
    if (streamQueueTimeoutMs === undefined && caller.waiting.length >= limits.queuedPerCaller) {
      throw tooMany(caller, limits);
    }
    const slot = Promise.withResolvers<() => void>();
    const wake = (): void => slot.resolve(start(name, caller));
    const giveUp = (reason: unknown): void => {
      const place = caller.waiting.indexOf(wake);
      if (place === -1) return;
      caller.waiting.splice(place, 1);
      forgetIfIdle(name, caller);
      slot.reject(reason);
    };
    caller.waiting.push(wake);
    const onAbort = (): void => giveUp(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(
      () => giveUp(tooMany(caller, limits)),
      streamQueueTimeoutMs ?? limits.queueTimeoutMs,
    );
    try {
      return await slot.promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  };
}

function tooMany({ running }: Caller, { perCaller }: RequestQueueLimits): HttpProblem {
  if (running < perCaller) {
    const detail = "The service is busy with requests of other callers; retry shortly.";
    return new HttpProblem(503, detail, { retryAfterSeconds });
  }
  const detail = `Too many concurrent requests (limit ${perCaller}); retry when one has finished.`;
  return new HttpProblem(429, detail, { retryAfterSeconds });
}
