import { messageIdOf } from "@takings/domain";
import type { PlatformAccounts, Verification } from "@takings/postgres";
import { createProgressLog } from "../progress-log.ts";
import { createEventChecker } from "../stored-events/check-event.ts";
import { type CountedEvents, countEvents } from "../stored-events/count-events.ts";
import type { Discrepancies } from "./discrepancies.ts";

/**
 * Compares all stored events with their bodies, and collects the differences.
 * @param accounts those of all sources that the database has.
 */
export async function recountEvents(
  verification: Verification,
  accounts: PlatformAccounts["accounts"],
  discrepancies: Discrepancies,
): Promise<CountedEvents> {
  const checkEvent = createEventChecker(accounts);
  const progress = createProgressLog("events", 10_000);
  const counts = countEvents();
  for await (const page of verification.events()) {
    for (const stored of page) {
      counts.add(stored);
      const id = messageIdOf(stored);
      const add = (detail: string): void => discrepancies.add({ where: "events", id, detail });
      for (const fault of checkEvent(stored).faults) add(fault);
      if (!stored.isLinked) add("is not linked to its payment");
      if (!accounts.has(stored.source))
        add("is of a source that takings.sources lacks, so no answer shows it");
    }
    progress(counts.soFar().events);
  }
  return counts.soFar();
}
