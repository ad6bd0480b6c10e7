import type { NatsConnection } from "nats";
import { type DurableInfo, requestDurableInfo, requestStreamInfo, type StreamInfo } from "./jetstream-api.ts";

/**
 * Distinguishes this stream and this durable from others with the same names, by when the server says they were created.
 * Sequences and acknowledgements have a meaning only together with it. A stream restored from a snapshot keeps its
 * identity; `findStaleDeliveries` detects that.
 */
export function identityOf(streamCreated: string, durableCreated: string): string {
  return `${streamCreated}/${durableCreated}`;
}

/** The stream, its durable and their identity at one time. */
export type StreamAndDurable = {
  readonly identity: string;
  readonly stream: StreamInfo;
  readonly durable: DurableInfo;
};

/** @throws JetStreamError when the stream or the durable is missing, TakingsError `unavailable` without a response. */
export async function readStreamAndDurable(nats: NatsConnection): Promise<StreamAndDurable> {
  const [stream, durable] = await Promise.all([requestStreamInfo(nats), requestDurableInfo(nats)]);
  return { identity: identityOf(stream.created, durable.created), stream, durable };
}
