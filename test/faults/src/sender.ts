import { setTimeout as delay } from "node:timers/promises";
import {
  generateHistories,
  isAccepted,
  type Random,
  retryUntilAccepted,
  type StripeEvent,
  type WebhookResponse,
} from "@takings/simulator";
import { type AttemptOptions, type AttemptChanges, createAttempts } from "./attempts.ts";

/** Simulates Stripe: delivers histories of payments, each event again until it gets a 2xx. */
export type Sender = {
  /** Sends until `settle`. */
  start(): void;
  /** Sends nothing new, and waits until all events in flight got their 2xx. Resolves with the ids that did not. */
  settle(withinMs: number): Promise<readonly string[]>;
  /** Sends the next event, besides the others, until it gets a 2xx. */
  deliverOne(withinMs: number): Promise<StripeEvent>;
  /** One attempt of a genuine event, as Stripe makes it or with changes that keep it genuine. */
  attempt(event: StripeEvent, changes?: AttemptChanges): Promise<WebhookResponse>;
  /** One attempt of a forgery, which must never be accepted under that id. */
  forge(event: StripeEvent, changes: AttemptChanges): Promise<WebhookResponse>;
  /** The next event of the traffic. */
  next(): StripeEvent;
  /** How many deliveries got a 2xx. */
  accepted(): number;
  /** Sets the average pause of a worker between two deliveries. */
  rest(ms: number): void;
  /** Cancels the requests in flight. */
  close(): Promise<void>;
};

export type SenderOptions = AttemptOptions & {
  readonly seed: number;
  readonly random: Random;
  /** Number of requests in flight. */
  readonly concurrency: number;
  /** Average pause of a worker between two deliveries, until `rest` sets another. */
  readonly restMs: number;
};

const batchEvents = 150;
const maxBackoffMs = 500;

export function createSender(options: SenderOptions): Sender {
  const { random } = options;
  let { restMs } = options;
  const next = trafficOf(options.seed);
  const { send, close } = createAttempts(options);
  const open = new Set<string>();
  let accepted = 0;
  const closing = new AbortController();
  let stopping = new AbortController();
  let workers: Promise<unknown> = Promise.resolve();

  async function deliver(event: StripeEvent, retryForMs: number): Promise<void> {
    open.add(event.id);
    const attempt = (): Promise<WebhookResponse> => send(event, true, {});
    const policy = { retryForMs, maxBackoffMs, retried: "all", signal: closing.signal } as const;
    const { response } = await retryUntilAccepted(attempt, policy);
    if (!isAccepted(response)) return;
    accepted += 1;
    open.delete(event.id);
  }

  async function work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await deliver(next(), Infinity);
      await delay(random.int(0, 2 * restMs), undefined, { signal }).catch(() => undefined);
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
    rest: (ms) => void (restMs = ms),
    async close() {
      closing.abort();
      stopping.abort();
      close();
      await workers;
    },
  };
}

/** Endless deliveries, the same for the same seed. */
function trafficOf(seed: number): () => StripeEvent {
  const queue: StripeEvent[] = [];
  let batches = 0;
  return () => {
    if (queue.length === 0)
      queue.push(...generateHistories(seed * 1_000 + batches++, batchEvents).deliveries);
    const event = queue.shift();
    if (event === undefined) throw new Error("the traffic is empty");
    return event;
  };
}
