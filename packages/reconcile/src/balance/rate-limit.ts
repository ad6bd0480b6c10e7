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
/** While a request waits, a response or a pause may change for how long. */
const pollMs = 10;
/**
 * A request reaches Stripe at some time before its response, so its second begins at the response, less what the way back
 * and Stripe's work take at least: the fastest response of late, less the way there. That is at most half of it, and at
 * most this long.
 */
const maxWayThereMs = 50;
/** Of how many seconds' requests the fastest counts. While either process is halted, all of one second are slow on the way there. */
const rememberedSeconds = 10;
/** The first requests of a process open connections, and the way there is then most of their time. */
const openingSeconds = 2;
/** A request without a response has arrived after this long. */
const maxTransitMs = 1_000;
/** How much the latest response counts in the average of how long they take. */
const recentWeight = 0.2;

const systemClock: RateLimitClock = {
  now: () => performance.now(),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
};

/** A request: when it was sent and, where that is known, answered. */
type Sent = { readonly sentAt: number; answeredAt?: number };

/** How long Stripe's work and the way back take at least, by how long requests took. */
function leastTimeAfterArrival(times: readonly number[]): number {
  const fastest = Math.min(...times);
  return Number.isFinite(fastest) ? Math.max(fastest / 2, fastest - maxWayThereMs) : 0;
}

/** A sliding window over the requests of this process, whatever the account. The first to ask is sent first. */
export function createRateLimit(perSecond: number, clock: RateLimitClock = systemClock): RateLimit {
  const latest: Sent[] = [];
  const times: number[] = [];
  let pausedUntil = 0;
  let sent = 0;
  let responseMs = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const nextAt = (): number => {
    const [oldest] = latest;
    if (latest.length < perSecond || oldest === undefined) return pausedUntil;
    const { sentAt, answeredAt = Number.POSITIVE_INFINITY } = oldest;
    const afterArrival = sent <= openingSeconds * perSecond ? 0 : leastTimeAfterArrival(times);
    const arrivedAt = Math.min(answeredAt - afterArrival, sentAt + maxTransitMs);
    return Math.max(pausedUntil, arrivedAt + windowMs);
  };
  const admit = async (stopping: AbortSignal): Promise<Sent> => {
    for (let left = nextAt() - clock.now(); left > 0; left = nextAt() - clock.now())
      await clock.wait(Math.min(Math.ceil(left), pollMs), stopping);
    stopping.throwIfAborted();
    const one: Sent = { sentAt: clock.now() };
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
        const ms = one.answeredAt - one.sentAt;
        responseMs += (ms - responseMs) * recentWeight;
        times.push(ms);
        if (times.length > rememberedSeconds * perSecond) times.shift();
      }
    },
    pauseFor: (ms) => void (pausedUntil = Math.max(pausedUntil, clock.now() + ms)),
    sent: () => sent,
    responseMs: () => responseMs,
  };
}
