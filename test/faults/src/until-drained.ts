import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@takings/local";
import type { Harness } from "./harness.ts";

/**
 * Waits until the durable holds nothing that is not settled, and then until answers speak of this moment: while a
 * transaction is open, such as one that a consumer repeats after its silence, they stay behind its beginning. Rejects
 * with what is left after the time.
 */
export async function untilDrained({ broker, reader }: Harness, withinMs: number): Promise<void> {
  await eventually(
    "the consumer to have settled everything",
    async () => {
      const { outstanding } = await broker.durable();
      if (outstanding === 0) return true;
      await delay(50);
      throw new Error(`${outstanding} are left`);
    },
    withinMs,
  );
  const settledAt = Date.now();
  await eventually(
    "answers to speak of what is settled",
    async () => Date.parse((await reader.revenue({})).as_of) > settledAt,
    withinMs,
  );
}
