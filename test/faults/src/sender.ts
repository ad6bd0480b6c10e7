import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { generateTraffic } from "@takings/end-to-end/traffic";
import type { Random } from "@takings/end-to-end/random";
import type { StripeEvent } from "@takings/end-to-end/scenario";
import { type AttemptOptions, type AttemptChanges, createAttempts } from "./attempts.ts";
import type { WebhookResponse } from "./webhook-request.ts";

/** Stands for Stripe: delivers life histories, and each event again until it gets a 2xx. */
export type Sender = {
  /** Begins to send, and goes on until paused. */
  start(): void;
  /** Begins nothing new, and waits until all that was begun got its 2xx. Says which did not within the time. */
  settle(withinMs: number): Promise<readonly string[]>;
  /** Sends the next event, apart from the rest, until it gets a 2xx. */
  deliverOne(withinMs: number): Promise<StripeEvent>;
  /** One attempt of a genuine event, as Stripe would make it, or changed in ways that keep it genuine. */
  attempt(event: StripeEvent, changes?: AttemptChanges): Promise<WebhookResponse>;
  /** One attempt of something that must never be accepted under that id. */
  forge(event: StripeEvent, changes: AttemptChanges): Promise<WebhookResponse>;
  /** The next event of the traffic. */
  next(): StripeEvent;
  /** How many deliveries got a 2xx. */
  accepted(): number;
  /** Breaks off what is under way. */
  close(): Promise<void>;
};

export type SenderOptions = AttemptOptions & {
  readonly seed: number;
  readonly random: Random;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** A worker rests this long between two deliveries, on average. */
  readonly restMs: number;
};

const batchEvents = 150;
const firstPauseMs = 30;
const longestPauseMs = 500;

export function createSender(options: SenderOptions): Sender {
  const { random } = options;
  const next = trafficOf(options.seed);
  const { send, close } = createAttempts(options);
  const open = new Set<string>();
  let accepted = 0;
  let closed = false;
  let stopping = new AbortController();
  let workers: Promise<unknown> = Promise.resolve();

  async function deliver(event: StripeEvent, withinMs: number): Promise<void> {
    open.add(event.id);
    const deadline = performance.now() + withinMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const { status } = await send(event, true, {});
      if (status >= 200 && status < 300) break;
      if (closed || performance.now() > deadline) return;
      await delay(pauseMs * (0.5 + Math.random()));
    }
    accepted += 1;
    open.delete(event.id);
  }

  async function work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await deliver(next(), Infinity);
      await delay(random.int(0, 2 * options.restMs), undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    next,
    accepted: () => accepted,
    start() {
      stopping = new AbortController();
      workers = Promise.all(Array.from({ length: options.concurrency }, () => work(stopping.signal)));
    },
    async settle(withinMs) {
      stopping.abort();
      await Promise.race([workers, delay(withinMs)]);
      return [...open];
    },
    async deliverOne(withinMs) {
      const event = next();
      await deliver(event, withinMs);
      if (open.has(event.id)) throw new Error(`${event.id} got no 2xx within ${withinMs / 1000} s`);
      return event;
    },
    attempt: (event, changes = {}) => send(event, true, changes),
    forge: (event, changes) => send(event, false, changes),
    async close() {
      closed = true;
      stopping.abort();
      close();
      await workers;
    },
  };
}

/** Deliveries without end, the same for the same seed. */
function trafficOf(seed: number): () => StripeEvent {
  const queue: StripeEvent[] = [];
  let batches = 0;
  return () => {
    if (queue.length === 0) queue.push(...generateTraffic(seed * 1_000 + batches++, batchEvents).deliveries);
    const event = queue.shift();
    if (event === undefined) throw new Error("the traffic has come to an end");
    return event;
  };
}
