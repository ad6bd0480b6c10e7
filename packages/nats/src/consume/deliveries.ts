import { setTimeout as delay } from "node:timers/promises";
import type { StreamPosition } from "@takings/domain";
import { durable } from "@takings/wire";
import type { Msg } from "nats";
import type { NatsLink } from "../nats-link.ts";
import { type AckPayload, ack, nak, readAckSubject, working } from "./ack-protocol.ts";
import { createBufferExtension } from "./buffer-extension.ts";
import { createDurableCheck } from "./check-durable.ts";
import { createDeliveryBuffer } from "./delivery-buffer.ts";
import { pull, UnansweredPullError } from "./pull.ts";
import { type Pull, type ReceivedMessage, settle } from "./settle-deliveries.ts";

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

/** Starts pulling from the durable over a link, until it is stopped. */
export function openDeliveries(link: NatsLink, options: DeliveryOptions): Deliveries {
  const stopped = new AbortController();
  const buffer = createDeliveryBuffer<ReceivedDelivery>(options.batchSize, stopped.signal);
  const durableCheck = createDurableCheck();
  let failure: string | undefined = "nothing has been pulled yet";
  let wasUnanswered = false;
  let ackWaitMs: number = durable.ackWaitMs;

  const pullOnce = async (): Promise<void> => {
    const count = await buffer.untilRoom();
    if (stopped.signal.aborted) return;
    const connection = link.live() ?? (await link.connected(connectWaitMs));
    const { identity, maxPullBytes, ...checked } = await durableCheck.check(connection);
    ({ ackWaitMs } = checked);
    const source: Pull = { identity };
    const request = { count, maxBytes: maxPullBytes, expiresMs: pullExpiryMs };
    await pull(connection, request, {
      stopped: stopped.signal,
      onAccepted(isPresumed) {
        if (!isPresumed || !wasUnanswered) [failure, wasUnanswered] = [undefined, false];
      },
      onMessage(message) {
        buffer.add(toDelivery(message, source));
        extension.start();
      },
    });
  };
  const pulling = repeat(pullOnce, stopped.signal, (error) => {
    failure = reasonOf(error);
    wasUnanswered = error instanceof UnansweredPullError;
    durableCheck.forget();
    options.onError(failure);
  });
  const acknowledger = createAcknowledger(link, options);
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

type Acknowledger = Pick<Deliveries, "acknowledge" | "nak" | "extendAckWait">;

function createAcknowledger(link: NatsLink, options: DeliveryOptions): Acknowledger {
  const respond = async (
    deliveries: readonly Delivery[],
    what: string,
    payload: AckPayload,
  ): Promise<void> => {
    const known = deliveries.filter(isReceived);
    if (known.length === 0) return;
    try {
      const dropped = await settle(link, known, payload);
      for (const [reason, count] of dropped) options.onStreamChanged?.(reason, count);
    } catch (error) {
      const consequence = `${deliveries.length} deliveries could not be ${what} and will be redelivered`;
      options.onError(`${consequence}: ${reasonOf(error)}`);
    }
  };
  return {
    acknowledge: (deliveries) => respond(deliveries, "acknowledged", ack),
    nak: (deliveries, delayMs) => respond(deliveries, "nak'd", nak(delayMs)),
    extendAckWait: (deliveries) => respond(deliveries, "extended", working),
  };
}

/** A delivery with what is needed to respond to it. */
type ReceivedDelivery = Delivery & ReceivedMessage;

function isReceived(delivery: Delivery): delivery is ReceivedDelivery {
  return "ackSubject" in delivery;
}

function toDelivery(message: Msg, source: Pull): ReceivedDelivery {
  const ackSubject = message.reply ?? "";
  const { sequence, deliveryCount, storedNanos } = readAckSubject(ackSubject);
  return {
    body: message.data,
    subject: message.subject,
    receivedAt: new Date(storedNanos / 1e6),
    position: { stream: source.identity, sequence },
    deliveryCount,
    header: (name) => message.headers?.get(name) || undefined,
    ackSubject,
    storedNanos,
    pull: source,
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
