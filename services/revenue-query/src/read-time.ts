import { setTimeout as delay } from "node:timers/promises";
import type { Moment, PaymentReader } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { badParameters } from "./http-problem.ts";
import { momentOf } from "./ledger-filter.ts";

/**
 * A moment that one copy of the service has told may be ahead of what another finds settled, by as long as a batch
 * takes, and the present by as long as consumers let pass between recordings of nothing: it is worth a short wait, where
 * a moment that lies in the future is not.
 */
const maxWaitMs = 1_500;
const pollIntervalMs = 20;

/**
 * The moment a question is about: `asked`, or else the latest one that is settled.
 * @throws HttpProblem 400 naming the parameter when what was recorded until `asked` is not settled yet.
 */
export async function resolveReadTime(
  reader: Pick<PaymentReader, "safeReadTime">,
  asked: Temporal.Instant | undefined,
  parameter = "as_recorded_at",
): Promise<Moment> {
  let latest = await reader.safeReadTime();
  if (asked === undefined) return latest;
  const deadline = performance.now() + maxWaitMs;
  while (isAfter(asked, latest)) {
    const isSoon = !isAfter(asked.subtract({ milliseconds: maxWaitMs }), latest);
    if (!isSoon || performance.now() > deadline) {
      const detail = `must not be later than ${latest}, up to which the record is settled`;
      throw badParameters([{ parameter, detail }]);
    }
    await delay(pollIntervalMs);
    latest = await reader.safeReadTime();
  }
  return momentOf(asked);
}

/** Whether an instant is later than a moment. */
export function isAfter(instant: Temporal.Instant, moment: Moment): boolean {
  return Temporal.Instant.compare(instant, Temporal.Instant.from(moment)) > 0;
}
