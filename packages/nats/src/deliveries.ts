import type { StreamPosition } from "@takings/domain";
import { durable, stream } from "@takings/wire";
import type { Consumer, ConsumerMessages, JsMsg } from "nats";
import { durableFaults } from "./durable-faults.ts";
import type { LiveConnection, NatsLink } from "./nats-link.ts";
import { type Pull, settle } from "./settle-deliveries.ts";
import { describeStream } from "./stream-identity.ts";
import { UnansweredPullError, watchPullRejection } from "./watch-pull-rejection.ts";

/** One delivery of one stored event. It stays ours until it is acknowledged, given back, or ack-wait passes. */
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
 * A bounded look-ahead on the durable consumer: while one batch is being committed the next one gathers. Before
 * anything is said about a delivery the stream is looked at again: where it is not the one, or does not hold that
 * message any more, nothing is said, and what the stream has comes by itself.
 */
export type Deliveries = {
  /** Everything that has buffered, at least one, at most a batch. `undefined` once stopped and empty. */
  nextBatch(): Promise<readonly Delivery[] | undefined>;
  /** They are committed: never deliver them again. Never rejects; what could not be said comes again. */
  acknowledge(deliveries: readonly Delivery[]): Promise<void>;
  /** Deliver them again, to anyone, after a while. Never rejects. */
  nak(deliveries: readonly Delivery[], delayMs?: number): Promise<void>;
  /** Still at work on them: start counting ack-wait anew. Never rejects. */
  extendAckWait(deliveries: readonly Delivery[]): Promise<void>;
  /** Why nothing can be pulled at present, or `undefined` when it can. */
  failure(): string | undefined;
  /** Stops pulling and gives back what was not taken. */
  stop(): Promise<void>;
};

export type DeliveryOptions = {
  readonly batchSize: number;
  /** Told why pulling failed; it is tried again after a pause. */
  readonly onError: (reason: string) => void;
  /** Told that deliveries were dropped because the stream is not the one any more that delivered them. */
  readonly onStreamChanged?: (reason: string, dropped: number) => void;
};

const pullExpiryMs = 10_000;
const connectWaitMs = 5_000;
const retryPauseMs = 500;

/**
 * The server sends all of a pull at once, and cuts off a connection with more than 64 MiB on their way
 * (`max_pending`); what was on it comes again only after ack-wait. So even the largest messages must fit.
 */
const maxPullBytes = 48_000_000;
/** Beyond it nothing more is pulled: bounds memory and the size of a transaction where bodies are large. */
const maxBufferedBytes = 32_000_000;

type Buffered = { readonly message: JsMsg; readonly pull: Pull };

export function openDeliveries(link: NatsLink, options: DeliveryOptions): Deliveries {
  const stopped = new AbortController();
  const buffered: Delivery[] = [];
  const origins = new WeakMap<Delivery, Buffered>();
  let bufferedBytes = 0;
  let arrived = Promise.withResolvers<void>();
  let capacity = Promise.withResolvers<void>();
  let failure: string | undefined = "nothing has been pulled yet";
  let wasUnanswered = false;

  const pull = async (): Promise<void> => {
    if (buffered.length >= options.batchSize || bufferedBytes >= maxBufferedBytes) await capacity.promise;
    const connection = link.live() ?? (await link.connected(connectWaitMs));
    const { identity, consumer, maxPerPull } = await checkDurable(connection);
    const count = Math.min(options.batchSize - buffered.length, maxPerPull);
    const messages = await consumer.fetch({ max_messages: count, expires: pullExpiryMs });
    const source: Pull = { identity };
    await receive(messages, [connection.lost, stopped.signal], {
      onAccepted(isPresumed) {
        if (!isPresumed || !wasUnanswered) [failure, wasUnanswered] = [undefined, false];
      },
      onMessage(message) {
        const received = delivery(message, identity);
        origins.set(received, { message, pull: source });
        buffered.push(received);
        bufferedBytes += message.data.byteLength;
        arrived.resolve();
      },
    });
  };
  const onFailure = (error: unknown): void => {
    failure = error instanceof Error ? error.message : String(error);
    wasUnanswered = error instanceof UnansweredPullError;
    options.onError(failure);
  };
  const pulling = repeat(pull, stopped.signal, onFailure).then(() => arrived.resolve());
  const acknowledger = createAcknowledger(link, options, origins);

  return {
    async nextBatch() {
      while (buffered.length === 0 && !stopped.signal.aborted) {
        await arrived.promise;
        arrived = Promise.withResolvers();
      }
      if (stopped.signal.aborted) return undefined;
      const batch = buffered.splice(0);
      bufferedBytes = 0;
      capacity.resolve();
      capacity = Promise.withResolvers();
      return batch;
    },
    ...acknowledger,
    failure: () => failure,
    async stop() {
      stopped.abort();
      capacity.resolve();
      await pulling;
      await acknowledger.nak(buffered.splice(0));
    },
  };
}

type Receiver = {
  readonly onAccepted: (isPresumed: boolean) => void;
  readonly onMessage: (message: JsMsg) => void;
};

/** Hands over what a pull brings until it ends, by itself or by a signal. @throws Error where it was refused. */
async function receive(
  messages: ConsumerMessages,
  signals: readonly AbortSignal[],
  { onAccepted, onMessage }: Receiver,
): Promise<void> {
  // The client would go on with the same pull on a new connection; what one pull brings is of one stream.
  const end = (): void => messages.stop();
  for (const signal of signals) {
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  }
  const refusal = watchPullRejection(messages, onAccepted);
  try {
    for await (const message of messages) {
      refusal.onMessage();
      onMessage(message);
    }
    if (!signals.some(({ aborted }) => aborted)) await refusal.throwIfRejected();
  } finally {
    refusal.end();
    for (const signal of signals) signal.removeEventListener("abort", end);
  }
}

type Acknowledger = Pick<Deliveries, "acknowledge" | "nak" | "extendAckWait">;

/** What can be said to the server about deliveries, each once the stream has been looked at. */
function createAcknowledger(
  link: NatsLink,
  options: DeliveryOptions,
  origins: WeakMap<Delivery, Buffered>,
): Acknowledger {
  const respond = async (
    deliveries: readonly Delivery[],
    what: string,
    act: (message: JsMsg) => void,
  ): Promise<void> => {
    const known = deliveries.flatMap((one) => origins.get(one) ?? []);
    try {
      const dropped = await settle(link, known, act);
      for (const [reason, count] of dropped) options.onStreamChanged?.(reason, count);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      options.onError(`${deliveries.length} deliveries could not be ${what}, so they come again: ${reason}`);
    }
  };
  return {
    acknowledge: (deliveries) => respond(deliveries, "acknowledged", (message) => message.ack()),
    nak: (deliveries, delayMs) => respond(deliveries, "nak'd", (message) => message.nak(delayMs)),
    extendAckWait: (deliveries) => respond(deliveries, "extended", (message) => message.working()),
  };
}

type CheckedDurable = {
  readonly identity: string;
  readonly consumer: Consumer;
  readonly maxPerPull: number;
};

/** The durable, and the stream it is of. @throws Error naming what is wrong with it: nothing is taken from it then. */
async function checkDurable({ nats }: LiveConnection): Promise<CheckedDurable> {
  // Asked before each pull: sequences that a stream made anew has given out belong to no other.
  const { identity, maxMessageBytes, allowsDirectGet, durable: config } = await describeStream(nats);
  const faults = [...durableFaults(config)];
  if (!allowsDirectGet)
    faults.push(
      `stream ${stream.name} allows no direct get (allow_direct), so nothing could be acknowledged: run \`takings stream\``,
    );
  if (faults.length > 0) throw new Error(faults.join("; "));
  const consumer = await nats.jetstream().consumers.get(stream.name, durable.name);
  const most = maxMessageBytes > 0 ? maxMessageBytes : (nats.info?.max_payload ?? stream.maxMessageBytes);
  return { identity, consumer, maxPerPull: Math.max(1, Math.floor(maxPullBytes / most)) };
}

function delivery(message: JsMsg, identity: string): Delivery {
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

/** Does something again and again, after a pause where it failed. */
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
      await pause(until);
    }
  }
}

async function pause(until: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, retryPauseMs);
  until.addEventListener("abort", () => over.resolve(), { once: true });
  await over.promise;
  clearTimeout(timer);
}
