import { durable, stream } from "@takings/wire";
import { z } from "zod";
import { ask } from "./jetstream-api.ts";
import type { LiveConnection, NatsLink } from "./nats-link.ts";

/** What is still to be committed. */
export type Backlog = {
  /** Not delivered yet, or delivered and not acknowledged: either alone can hide a standstill. */
  readonly pending: number;
  /** When the oldest of them was stored; `undefined` when there is none. */
  readonly oldest: Date | undefined;
};

const answer = z.object({
  num_pending: z.number(),
  num_ack_pending: z.number(),
  ack_floor: z.object({ stream_seq: z.number() }),
});

const timeoutMs = 3_000;

/** Asks the durable, whose leader answers. @throws when NATS is away or the durable is missing. */
export async function readBacklog(link: NatsLink): Promise<Backlog> {
  const connection = link.live();
  if (connection === undefined) throw new Error("no connection to NATS");
  const subject = `CONSUMER.INFO.${stream.name}.${durable.name}`;
  const info = await ask(connection.nats, { subject, answer, what: `consumer ${durable.name}` });
  const pending = info.num_pending + info.num_ack_pending;
  const oldest = pending === 0 ? undefined : await storedAt(connection, info.ack_floor.stream_seq + 1);
  return { pending, oldest };
}

/** When the first message at or after a sequence was stored (ADR-31, direct get). */
async function storedAt({ nats }: LiveConnection, sequence: number): Promise<Date | undefined> {
  const wanted = JSON.stringify({ seq: sequence, next_by_subj: stream.subjects });
  const reply = await nats.request(`$JS.API.DIRECT.GET.${stream.name}`, wanted, { timeout: timeoutMs });
  const time = reply.headers?.get("Nats-Time-Stamp");
  return time ? new Date(time) : undefined;
}
