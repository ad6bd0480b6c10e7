import { setTimeout as delay } from "node:timers/promises";
import { TakingsError } from "@takings/domain";
import { requestDurableInfo, requestStreamInfo } from "../jetstream-api.ts";
import { type NatsLink, requireConnection } from "../nats-link.ts";

const pollIntervalMs = 200;

/**
 * Resolves once everything that is on the stream now has been committed: what the database lacks then is missing, and not
 * merely in transit.
 * @throws TakingsError `unavailable` when NATS is away or the consumer does not catch up in time.
 */
export async function waitUntilCaughtUp(link: NatsLink, withinMs: number): Promise<void> {
  const { state } = await requestStreamInfo(requireConnection(link).nats);
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { ack_floor: floor } = await requestDurableInfo(requireConnection(link).nats);
    if (floor.stream_seq >= state.last_seq) return;
    if (performance.now() > deadline) {
      const behind = `the consumer is ${state.last_seq - floor.stream_seq} messages behind the stream`;
      throw new TakingsError("unavailable", `${behind}: check that it is running, then try again`);
    }
    await delay(pollIntervalMs);
  }
}
