import { z } from "zod";

/** What the server says of a message that it was to store: https://docs.nats.io/reference/reference-protocols/nats_api_reference */
export type PubAck = { readonly stream: string; readonly seq: number; readonly duplicate: boolean };

const answer = z.union([
  z.object({ error: z.object({ description: z.string() }) }),
  z.object({ stream: z.string(), seq: z.number(), duplicate: z.boolean().default(false) }),
]);

/** Reads an answer. @throws Error when it is a refusal, or nothing that is known. */
export function readPubAck(message: { json(): unknown }): PubAck {
  const said = answer.parse(message.json());
  if ("error" in said) throw new Error(said.error.description);
  return said;
}
