import { setTimeout as delay } from "node:timers/promises";
import type { StreamPosition } from "@takings/domain";
import { durable } from "@takings/wire";
import type { ConsumerMessages, JsMsg } from "nats";
import type { LiveConnection, NatsLink } from "../nats-link.ts";
import { createBufferExtension } from "./buffer-extension.ts";
import { checkDurable } from "./check-durable.ts";
import { createDeliveryBuffer } from "./delivery-buffer.ts";
import { type Pull, type ReceivedMessage, settle } from "./settle-deliveries.ts";
import { UnansweredPullError, watchPullRejection } from "./watch-pull-rejection.ts";

/** One delivery of one stored event. It belongs to this process until it is acknowledged, nak'd, or ack-wait passes. */
export type Delivery = {
  readonly body: Uint8Array;
  readonly subject: string;
  /** When the stream stored it. */
  readonly receivedAt: Date;
  readonly position: StreamPosition;
  /** 1 on the first delivery. */
  readonly deliveryCount: number;
  header(name: string): string | undefined;
};

/**
 * A bounded look-ahead on the durable consumer: while one batch is being committed the next one gathers. What waits to be
 * taken is extended, because a batch may take longer than ack-wait, and each redelivery makes the next ones slower. Before
 * a delivery is acknowledged, nak'd or extended, the stream is checked again: where it is another one, or no longer holds
 * that message, nothing is sent, and the server redelivers what the stream holds.
 */
export type Deliveries = {
  /** Everything that has been buffered, at least one, at most a batch. `undefined` once stopped. */
  nextBatch(): Promise<readonly Delivery[] | undefined>;
  /** They are committed: never deliver them again. Never rejects; what cannot be acknowledged is redelivered. */
  acknowledge(deliveries: readonly Delivery[]): Promise<void>;
  /** Redeliver them, to any consumer, after a delay. Never rejects. */
  nak(deliveries: readonly Delivery[], delayMs?: number): Promise<void>;
  /** They are still being worked on: restarts ack-wait. Never rejects. */
  extendAckWait(deliveries: readonly Delivery[]): Promise<void>;
  /** How often to extend: a third of the durable's ack-wait, so that one lost message does no harm. */
  extensionIntervalMs(): number;
  /** Why nothing can be pulled at present, or `undefined` when it can. */
  failure(): string | undefined;
  /** Stops pulling and naks what was not taken. */
  stop(): Promise<void>;
};

/** How deliveries are pulled, and what is called on failures. */
export type DeliveryOptions = {
  readonly batchSize: number;
  /** Called with the reason when pulling fails; it is retried after a pause. */
  readonly onError: (reason: string) => void;
  /** Called when deliveries were dropped because the stream is no longer the one that delivered them. */
  readonly onStreamChanged?: (reason: string, dropped: number) => void;
};

const pullExpiryMs = 10_000;
const connectWaitMs = 5_000;
const retryPauseMs = 500;
/** How long a server may take to answer that everything it sent was received, before the pull is ended anyway. */
const lastReceiveMs = 1_000;

/** Starts pulling from the durable over a link, until it is stopped. */
export function openDeliveries(link: NatsLink, options: DeliveryOptions): Deliveries {
  const stopped = new AbortController();
  const buffer = createDeliveryBuffer<Delivery>(options.batchSize, stopped.signal);
  const origins = new WeakMap<Delivery, ReceivedMessage>();
  let failure: string | undefined = "nothing has been pulled yet";
  let wasUnanswered = false;
  let ackWaitMs: number = durable.ackWaitMs;

  const pull = async (): Promise<void> => {
    const room = await buffer.untilRoom();
    if (stopped.signal.aborted) return;
    const connection = link.live() ?? (await link.connected(connectWaitMs));
    const checked = await checkDurable(connection);
    ({ ackWaitMs } = checked);
    const count = Math.min(room, checked.maxPerPull);
    const messages = await checked.consumer.fetch({ max_messages: count, expires: pullExpiryMs });
    const source: Pull = { identity: checked.identity };
    const end: PullEnd = { connection, stopped: stopped.signal };
    await receive(messages, end, {
      onAccepted(isPresumed) {
        if (!isPresumed || !wasUnanswered) [failure, wasUnanswered] = [undefined, false];
      },
      onMessage(message) {
        const received = toDelivery(message, checked.identity);
        origins.set(received, { message, pull: source });
        buffer.add(received);
        extension.start();
      },
    });
  };
  const pulling = repeat(pull, stopped.signal, (error) => {
    failure = reasonOf(error);
    wasUnanswered = error instanceof UnansweredPullError;
    options.onError(failure);
  });
  const acknowledger = createAcknowledger(link, options, origins);
  const extensionIntervalMs = (): number => ackWaitMs / 3;
  const extension = createBufferExtension(buffer.waiting, {
    extend: acknowledger.extendAckWait,
    intervalMs: extensionIntervalMs,
    stopped: stopped.signal,
  });

  return {
    async nextBatch() {
      await buffer.untilFilled();
      return stopped.signal.aborted ? undefined : buffer.takeAll();
    },
    ...acknowledger,
    extensionIntervalMs,
    failure: () => failure,
    async stop() {
      stopped.abort();
      await Promise.all([pulling, extension.ended()]);
      await acknowledger.nak(buffer.takeAll());
    },
  };
}

type Receiver = {
  readonly onAccepted: (isPresumed: boolean) => void;
  readonly onMessage: (message: JsMsg) => void;
};

/** What ends a pull before it expires. */
type PullEnd = { readonly connection: LiveConnection; readonly stopped: AbortSignal };

/**
 * Passes on what a pull brings until the pull expires, its connection is lost, or it is stopped.
 * @throws Error when the server refused it.
 */
async function receive(
  messages: ConsumerMessages,
  { connection: { nats, lost }, stopped }: PullEnd,
  { onAccepted, onMessage }: Receiver,
): Promise<void> {
  // The client would continue the pull on a new connection, but everything one pull brings must be of one stream.
  const end = (): void => messages.stop();
  // What the server has sent is received first, so that it is nak'd: otherwise nobody gets it before ack-wait has passed.
  const endWhenReceived = (): void => {
    void Promise.race([nats.flush(), delay(lastReceiveMs, undefined, { ref: false })])
      .catch(() => {})
      .then(() => setImmediate(end));
  };
  onAbort(lost, end);
  onAbort(stopped, endWhenReceived);
  const rejection = watchPullRejection(messages, onAccepted);
  try {
    for await (const message of messages) {
      rejection.onMessage();
      onMessage(message);
    }
    if (!lost.aborted && !stopped.aborted) await rejection.throwIfRejected();
  } finally {
    rejection.end();
    lost.removeEventListener("abort", end);
    stopped.removeEventListener("abort", endWhenReceived);
  }
}

function onAbort(signal: AbortSignal, listener: () => void): void {
  signal.addEventListener("abort", listener, { once: true });
  if (signal.aborted) listener();
}

type Acknowledger = Pick<Deliveries, "acknowledge" | "nak" | "extendAckWait">;

function createAcknowledger(
  link: NatsLink,
  options: DeliveryOptions,
  origins: WeakMap<Delivery, ReceivedMessage>,
): Acknowledger {
  const respond = async (
    deliveries: readonly Delivery[],
    what: string,
    act: (message: JsMsg) => void,
  ): Promise<void> => {
    const known = deliveries.flatMap((one) => origins.get(one) ?? []);
    if (known.length === 0) return;
    try {
      const dropped = await settle(link, known, act);
      for (const [reason, count] of dropped) options.onStreamChanged?.(reason, count);
    } catch (error) {
      const consequence = `${deliveries.length} deliveries could not be ${what} and will be redelivered`;
      options.onError(`${consequence}: ${reasonOf(error)}`);
    }
  };
  return {
    acknowledge: (deliveries) => respond(deliveries, "acknowledged", (message) => message.ack()),
    nak: (deliveries, delayMs) => respond(deliveries, "nak'd", (message) => message.nak(delayMs)),
    extendAckWait: (deliveries) => respond(deliveries, "extended", (message) => message.working()),
  };
}

function toDelivery(message: JsMsg, identity: string): Delivery {
  const { info } = message;
  return {
    body: message.data,
    subject: message.subject,
    receivedAt: new Date(info.timestampNanos / 1e6),
    position: { stream: identity, sequence: message.seq },
    deliveryCount: info.redeliveryCount,
    header: (name) => message.headers?.get(name) || undefined,
  };
}

/** Repeats some work until the signal is aborted, with a pause after each failure. */
async function repeat(
  work: () => Promise<void>,
  until: AbortSignal,
  onFailure: (error: unknown) => void,
): Promise<void> {
  while (!until.aborted) {
    try {
      await work();
    } catch (error) {
      onFailure(error);
      await delay(retryPauseMs, undefined, { signal: until }).catch(() => {});
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
