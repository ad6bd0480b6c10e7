import { setTimeout as delay } from "node:timers/promises";

/** Limits how often one of Stripe's endpoints is asked. */
export type RateLimit = {
  /** The largest number of requests in any window of one second. */
  readonly perSecond: number;
  /** Sends a request as soon as the limit allows it. @throws the reason of `stopping`. */
  send<T>(request: () => Promise<T>, stopping: AbortSignal): Promise<T>;
  /** Sends nothing for this long, because Stripe asked for it. */
  pauseFor(ms: number): void;
  /** How many requests were sent. */
  sent(): number;
  /** How long responses take lately, in milliseconds. */
  responseMs(): number;
};

/** What a {@link RateLimit} depends on; a test passes a clock of its own. */
export type RateLimitClock = {
  /** Milliseconds, never going back. */
  readonly now: () => number;
  readonly wait: (ms: number, stopping: AbortSignal) => Promise<unknown>;
};

/** A little more than a second, because two clocks measure it. */
const windowMs = 1_002;
/**
 * A request may reach Stripe at any time until its response arrives, so its second begins at the response. With a slow
 * response it begins this long after the request at the latest: the limit would cost too much speed otherwise.
 */
const maxTransitMs = 50;

/** How much the latest response counts in the average of how long they take. */
const recentWeight = 0.2;

const systemClock: RateLimitClock = {
  now: () => performance.now(),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
};

/** A sliding window over the requests of this process, whatever the account. The first to ask is sent first. */
export function createRateLimit(perSecond: number, clock: RateLimitClock = systemClock): RateLimit {
  /** When each of the latest requests was sent and, where that is known, answered. */
  const latest: { readonly sentAt: number; answeredAt?: number }[] = [];
  let pausedUntil = 0;
  let sent = 0;
  let responseMs = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const nextAt = (): number => {
    const [oldest] = latest;
    if (latest.length < perSecond || oldest === undefined) return pausedUntil;
    const { sentAt, answeredAt = Number.POSITIVE_INFINITY } = oldest;
    return Math.max(pausedUntil, Math.min(answeredAt, sentAt + maxTransitMs) + windowMs);
  };
  const admit = async (stopping: AbortSignal): Promise<{ readonly sentAt: number; answeredAt?: number }> => {
    for (let left = nextAt() - clock.now(); left > 0; left = nextAt() - clock.now())
      await clock.wait(Math.ceil(left), stopping);
    stopping.throwIfAborted();
    const one = { sentAt: clock.now() };
    latest.push(one);
    if (latest.length > perSecond) latest.shift();
    sent += 1;
    return one;
  };
  return {
    perSecond,
    async send(request, stopping) {
      const admitted = queue.then(() => admit(stopping));
      queue = admitted.catch(() => {});
      const one = await admitted;
      try {
        return await request();
      } finally {
        one.answeredAt = clock.now();
        responseMs += (one.answeredAt - one.sentAt - responseMs) * recentWeight;
      }
    },
    pauseFor: (ms) => void (pausedUntil = Math.max(pausedUntil, clock.now() + ms)),
    sent: () => sent,
    responseMs: () => responseMs,
  };
}
