import { durable, stream } from "@takings/wire";
import type { NatsConnection } from "nats";
import { z } from "zod";
import { requestApi } from "./jetstream-api.ts";

const created = z.object({ created: z.string().min(1) });
const streamResponse = z.looseObject({
  ...created.shape,
  config: z.looseObject({
    max_msg_size: z.number().default(-1),
    allow_direct: z.boolean().default(false),
  }),
});
const durableResponse = z.looseObject({ ...created.shape, config: z.looseObject({}) });

/** The stream and its durable as the server describes them. */
export type StreamDescription = {
  readonly identity: string;
  readonly maxMessageBytes: number;
  /** Whether single messages can be got directly, as {@link findStaleDeliveries} does. */
  readonly allowsDirectGet: boolean;
  readonly durable: Readonly<Record<string, unknown>>;
};

/**
 * What tells this stream and this durable from others under their names: their moments of creation, as the server says
 * them. Sequences and acknowledgements mean something only together with it. A stream restored from a snapshot keeps
 * it: {@link findStaleDeliveries} tells that one.
 */
export function identityOf(streamCreated: string, durableCreated: string): string {
  return `${streamCreated}/${durableCreated}`;
}

/** @throws Error when the stream or the durable is missing, or nobody answers. */
export async function describeStream(nats: NatsConnection): Promise<StreamDescription> {
  const [ofStream, ofDurable] = await Promise.all([
    requestApi(nats, {
      subject: `STREAM.INFO.${stream.name}`,
      response: streamResponse,
      what: `stream ${stream.name}`,
    }),
    requestApi(nats, {
      subject: `CONSUMER.INFO.${stream.name}.${durable.name}`,
      response: durableResponse,
      what: `consumer ${durable.name}`,
    }),
  ]);
  return {
    identity: identityOf(ofStream.created, ofDurable.created),
    maxMessageBytes: ofStream.config.max_msg_size,
    allowsDirectGet: ofStream.config.allow_direct,
    durable: ofDurable.config,
  };
}
