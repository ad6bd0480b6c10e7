import { Agent } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { makeTraffic } from "@takings/test/life-history";
import type { Random } from "@takings/test/random";
import type { StripeEvent } from "@takings/test/scene";
import { sign } from "@takings/testkit";
import type { History } from "./history.ts";
import { type Answer, post } from "./post.ts";

/** Stands for Stripe: delivers life histories, and each event again until it gets a 2xx. */
export type Sender = {
  /** Begins to send, and goes on until paused. */
  start(): void;
  /** Begins nothing new, and waits until all that was begun got its 2xx. Says which did not within the time. */
  settle(withinMs: number): Promise<readonly string[]>;
  /** Sends the next event, apart from the rest, until it gets a 2xx. */
  deliverOne(withinMs: number): Promise<StripeEvent>;
  /** One attempt of a genuine event, as Stripe would make it, or changed in ways that keep it genuine. */
  attempt(event: StripeEvent, changes?: Changes): Promise<Answer>;
  /** One attempt of something that must never be accepted under that id. */
  forge(event: StripeEvent, changes: Changes): Promise<Answer>;
  /** The next event of the traffic. */
  next(): StripeEvent;
  /** How many deliveries got a 2xx. */
  accepted(): number;
  close(): void;
};

/** What differs from an ordinary attempt. */
export type Changes = {
  readonly url?: string;
  readonly body?: Buffer | string;
  readonly secret?: string;
  /** Unix seconds in the signature. */
  readonly signedAt?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

export type SenderOptions = {
  readonly history: History;
  /** All ways into the installation, used in turn. Asked before each attempt. */
  readonly urls: () => readonly string[];
  readonly secret: () => string;
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
  const { history, random } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const known = new Set<string>();
  const open = new Set<string>();
  const queue: StripeEvent[] = [];
  let batches = 0;
  let attempts = 0;
  let accepted = 0;
  let turn = 0;
  let closed = false;
  let stopping = new AbortController();
  let workers: Promise<unknown> = Promise.resolve();

  function next(): StripeEvent {
    if (queue.length === 0)
      queue.push(...makeTraffic(options.seed * 1_000 + batches++, batchEvents).deliveries);
    const event = queue.shift();
    if (event === undefined) throw new Error("the traffic has come to an end");
    return event;
  }

  async function send(event: StripeEvent, genuine: boolean, changes: Changes): Promise<Answer> {
    const key = `${genuine} ${event.id}`;
    if (!known.has(key)) history.write({ what: "event", id: event.id, genuine, body: event.body });
    known.add(key);
    const urls = options.urls();
    const url = changes.url ?? urls[turn++ % urls.length] ?? "";
    const body = changes.body ?? event.body;
    const attempt = ++attempts;
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "content-length": String(Buffer.byteLength(body)),
      "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
      "stripe-signature": sign(event.body, changes.secret ?? options.secret(), changes.signedAt),
      ...changes.headers,
    };
    history.write({ what: "sent", id: event.id, attempt });
    const { status, ms, trouble, ...rest } = await post({ url, body, headers, agent });
    history.write({ what: "answered", id: event.id, attempt, status, ms, ...(trouble && { trouble }) });
    return { status, ms, ...(trouble && { trouble }), ...rest };
  }

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
    close() {
      closed = true;
      stopping.abort();
      agent.destroy();
    },
  };
}
