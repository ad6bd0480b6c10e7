import { stream } from "@takings/wire";
import type { NatsConnection } from "nats";
import { z } from "zod";
import { ask } from "./jetstream-api.ts";

const answer = z.object({ created: z.string().min(1) });

/** What tells this stream from one that was made anew under its name: its moment of creation, as the server says it. */
export async function readStreamIdentity(nats: NatsConnection): Promise<string> {
  const what = `stream ${stream.name}`;
  return (await ask(nats, { subject: `STREAM.INFO.${stream.name}`, answer, what })).created;
}
