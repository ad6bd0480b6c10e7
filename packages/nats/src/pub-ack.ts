import { z } from "zod";

/** What the server says of what it was to store: https://docs.nats.io/reference/reference-protocols/nats_api_reference */
export type PubAck = {
  readonly stream: string;
  /** Where the message is, or the last one of the batch. */
  readonly seq: number;
  readonly duplicate: boolean;
  /** The batch whose messages these are, and how many; absent for a message by itself. */
  readonly batch?: string | undefined;
  readonly count?: number | undefined;
};

/** The stream said no. What was sent may be sent again: where some of it was stored all the same, its ids are known. */
export class StreamRefusal extends Error {
  /** The server's own number of the reason. */
  readonly code: number | undefined;

  constructor(description: string, code: number | undefined) {
    super(description);
    this.name = "StreamRefusal";
    this.code = code;
  }
}

const answer = z.union([
  z.object({ error: z.object({ description: z.string(), err_code: z.number().optional() }) }),
  z.object({
    stream: z.string(),
    seq: z.number(),
    duplicate: z.boolean().default(false),
    batch: z.string().optional(),
    count: z.number().optional(),
  }),
]);

/** Reads an answer. @throws StreamRefusal when it is one, Error when it is nothing that is known. */
export function readPubAck(message: { json(): unknown }): PubAck {
  const parsed = answer.parse(message.json());
  if ("error" in parsed) throw new StreamRefusal(parsed.error.description, parsed.error.err_code);
  return parsed;
}
