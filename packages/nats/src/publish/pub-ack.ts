import { z } from "zod";

/** The server's confirmation of a publish: https://docs.nats.io/reference/reference-protocols/nats_api_reference */
export type PubAck = {
  readonly stream: string;
  /** The sequence of the message, or of the last one of the batch. */
  readonly seq: number;
  readonly duplicate: boolean;
  /** The id and size of the batch; absent for a single message. */
  readonly batch?: string | undefined;
  readonly count?: number | undefined;
};

/** The stream refused. Sending again is safe: the server knows the ids of any messages that it stored all the same. */
export class StreamRefusal extends Error {
  /** The server's own number of the reason, from nats-server's errors.json. */
  readonly code: number | undefined;

  constructor(description: string, code: number | undefined) {
    super(description);
    this.name = "StreamRefusal";
    this.code = code;
  }
}

const response = z.union([
  z.object({ error: z.object({ description: z.string(), err_code: z.number().optional() }) }),
  z.object({
    stream: z.string(),
    seq: z.number(),
    duplicate: z.boolean().default(false),
    batch: z.string().optional(),
    count: z.number().optional(),
  }),
]);

/** Reads a response. @throws StreamRefusal when it is a refusal, ZodError when it has an unknown shape. */
export function readPubAck(message: { json(): unknown }): PubAck {
  const parsed = response.parse(message.json());
  if ("error" in parsed) throw new StreamRefusal(parsed.error.description, parsed.error.err_code);
  return parsed;
}
