import { setTimeout as delay } from "node:timers/promises";
import type { Moment, PaymentReader } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { badParameters } from "../http/http-problem.ts";
import { momentOf } from "./instant-text.ts";

/**
 * How far ahead of the safe read time a requested time may be and is still worth waiting for. An `as_of` from another
 * replica can be ahead of what this one finds safe by the duration of one batch; the current time is ahead by the
 * interval at which consumers advance recorded time when there are no events.
 */
const maxWaitMs = 1_500;
const pollIntervalMs = 20;

/**
 * The read time of a query: `requested`, or the safe read time if nothing was requested.
 * @throws HttpProblem 400 naming the parameter when `requested` is later than the safe read time.
 */
export async function resolveReadTime(
  reader: Pick<PaymentReader, "safeReadTime">,
  requested: Temporal.Instant | undefined,
  parameter = "as_recorded_at",
): Promise<Moment> {
  let safe = await reader.safeReadTime();
  if (requested === undefined) return safe;
  const deadline = performance.now() + maxWaitMs;
  while (isAfter(requested, safe)) {
    const isSoon = !isAfter(requested.subtract({ milliseconds: maxWaitMs }), safe);
    if (!isSoon || performance.now() > deadline) {
      const detail = `must not be later than ${safe}, the safe read time up to which results are final`;
      throw badParameters([{ parameter, detail }]);
    }
    await delay(pollIntervalMs);
    safe = await reader.safeReadTime();
  }
  return momentOf(requested);
}

/** Whether an instant is later than a moment. */
export function isAfter(instant: Temporal.Instant, moment: Moment): boolean {
  return Temporal.Instant.compare(instant, Temporal.Instant.from(moment)) > 0;
}
