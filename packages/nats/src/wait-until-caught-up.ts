import { setTimeout as pause } from "node:timers/promises";
import { TakingsError } from "@takings/domain";
import { durable, stream } from "@takings/wire";
import { z } from "zod";
import type { NatsLink } from "./nats-link.ts";

const streamInfo = z.object({ state: z.object({ last_seq: z.number() }) });
const consumerInfo = z.object({ ack_floor: z.object({ stream_seq: z.number() }) });

const responseTimeoutMs = 3_000;
const pollIntervalMs = 200;

/**
 * Resolves once everything that is on the stream now has been committed, so that what is not in the database then is
 * not merely on its way.
 * @throws TakingsError `unavailable` when NATS is away or the consumer has not got so far in time.
 */
export async function waitUntilCaughtUp(link: NatsLink, withinMs: number): Promise<void> {
  const { state } = streamInfo.parse(await requestInfo(link, `$JS.API.STREAM.INFO.${stream.name}`));
  const deadline = performance.now() + withinMs;
  for (;;) {
    const info = await requestInfo(link, `$JS.API.CONSUMER.INFO.${stream.name}.${durable.name}`);
    const { ack_floor: floor } = consumerInfo.parse(info);
    if (floor.stream_seq >= state.last_seq) return;
    if (performance.now() > deadline) {
      const behind = `the consumer is ${state.last_seq - floor.stream_seq} messages behind the stream`;
      throw new TakingsError("unavailable", `${behind}: see that it runs, then try again`);
    }
    await pause(pollIntervalMs);
  }
}

async function requestInfo(link: NatsLink, subject: string): Promise<unknown> {
  const connection = link.live();
  if (connection === undefined) throw new TakingsError("unavailable", "no connection to NATS");
  try {
    const reply = await connection.nats.request(subject, "", { timeout: responseTimeoutMs });
    return reply.json();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TakingsError("unavailable", `no answer to ${subject}: ${reason}`, { cause });
  }
}
