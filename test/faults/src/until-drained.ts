import { eventually } from "@takings/testkit";
import type { Harness } from "./harness.ts";

/**
 * Waits until every event of the durable is acknowledged, and then until responses are as of this moment or later: while
 * a transaction is open, such as one that a consumer repeats, the safe read time stays before its start. Rejects with
 * what is left after the time.
 */
export async function untilDrained({ broker, reader }: Harness, withinMs: number): Promise<void> {
  await eventually(
    "the durable to have nothing pending or unacknowledged",
    async () => {
      const { outstanding } = await broker.durable();
      if (outstanding === 0) return true;
      throw new Error(`${outstanding} events are pending or unacknowledged`);
    },
    withinMs,
    50,
  );
  const settledAt = Date.now();
  await eventually(
    "responses to include everything that is settled",
    async () => Date.parse((await reader.revenue({})).as_of) > settledAt,
    withinMs,
  );
}
