import type { StreamPosition } from "@takings/domain";
import { durable, stream } from "@takings/wire";
import type { Consumer, ConsumerMessages, JsMsg, NatsConnection } from "nats";
import { durableFaults } from "./durable-faults.ts";
import type { NatsLink } from "./nats-link.ts";
import { readStreamIdentity } from "./stream-identity.ts";

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
  /** It is committed: never deliver it again. */
  ack(): void;
  /** Deliver it again, to anyone, after a while. */
  giveBack(delayMs?: number): void;
  /** Still at work on it: start counting ack-wait anew. */
  stillWorking(): void;
};

/** A bounded look-ahead on the durable consumer: while one batch is being committed the next one gathers. */
export type Deliveries = {
  /** Everything that has gathered, at least one, at most a batch. `undefined` once stopped and empty. */
  nextBatch(): Promise<readonly Delivery[] | undefined>;
  /** Why nothing can be pulled at present, or `undefined` when it can. */
  trouble(): string | undefined;
  /** Stops pulling and gives back what was not taken. */
  stop(): Promise<void>;
};

export type DeliveryOptions = {
  readonly batchSize: number;
  /** Told why pulling failed; it is tried again after a pause. */
  readonly onTrouble: (reason: string) => void;
};

const pullExpiryMs = 10_000;
const connectPatienceMs = 5_000;
const pauseAfterTroubleMs = 500;

/**
 * The server sends all of a pull at once, and cuts off a connection with more than 64 MiB on their way
 * (`max_pending`); what was on it comes again only after ack-wait. So even the largest messages must fit.
 */
const mostPerPull = Math.floor(48_000_000 / stream.maxMessageBytes);
/** Beyond it nothing more is pulled: bounds memory and the size of a transaction where bodies are large. */
const mostGatheredBytes = 32_000_000;

export function openDeliveries(link: NatsLink, options: DeliveryOptions): Deliveries {
  const stopped = new AbortController();
  const gathered: Delivery[] = [];
  let gatheredBytes = 0;
  let arrival = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();
  let open: ConsumerMessages | undefined;
  let trouble: string | undefined = "nothing has been pulled yet";

  const pull = async (): Promise<void> => {
    const connection = link.live() ?? (await link.connected(connectPatienceMs));
    const { identity, consumer } = await soundDurable(connection.nats);
    const count = Math.min(options.batchSize - gathered.length, mostPerPull);
    open = await consumer.fetch({ max_messages: count, expires: pullExpiryMs });
    trouble = undefined;
    // Stopping may have come while the pull was being opened.
    if (stopped.signal.aborted) open.stop();
    for await (const message of open) {
      gathered.push(delivery(message, identity));
      gatheredBytes += message.data.byteLength;
      arrival.resolve();
    }
  };
  const keepPulling = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      if (gathered.length >= options.batchSize || gatheredBytes >= mostGatheredBytes) await room.promise;
      try {
        await pull();
      } catch (error) {
        trouble = error instanceof Error ? error.message : String(error);
        options.onTrouble(trouble);
        await pause(stopped.signal);
      } finally {
        open = undefined;
      }
    }
    arrival.resolve();
  };
  const pulling = keepPulling();

  return {
    async nextBatch() {
      while (gathered.length === 0 && !stopped.signal.aborted) {
        await arrival.promise;
        arrival = Promise.withResolvers();
      }
      if (stopped.signal.aborted) return undefined;
      const batch = gathered.splice(0);
      gatheredBytes = 0;
      room.resolve();
      room = Promise.withResolvers();
      return batch;
    },
    trouble: () => trouble,
    async stop() {
      stopped.abort();
      open?.stop();
      room.resolve();
      await pulling;
      for (const waiting of gathered.splice(0)) waiting.giveBack();
    },
  };
}

/** The durable, and the stream it is of. @throws Error naming what is wrong with it: nothing is taken from it then. */
async function soundDurable(
  nats: NatsConnection,
): Promise<{ readonly identity: string; readonly consumer: Consumer }> {
  // Asked before each pull: sequences that a stream made anew has given out belong to no other.
  const identity = await readStreamIdentity(nats);
  const consumer = await nats.jetstream().consumers.get(stream.name, durable.name);
  const faults = durableFaults((await consumer.info(true)).config);
  if (faults.length > 0) throw new Error(faults.join("; "));
  return { identity, consumer };
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
    ack: () => message.ack(),
    giveBack: (delayMs) => message.nak(delayMs),
    stillWorking: () => message.working(),
  };
}

async function pause(until: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, pauseAfterTroubleMs);
  until.addEventListener("abort", () => over.resolve(), { once: true });
  await over.promise;
  clearTimeout(timer);
}
