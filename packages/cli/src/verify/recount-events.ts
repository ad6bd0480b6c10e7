import type { Verification } from "@takings/postgres";
import { createProgressLog } from "../progress-log.ts";
import type { EventChecker } from "../stored-events/check-event.ts";
import { type CountedEvents, countEvents } from "../stored-events/count-events.ts";
import type { Discrepancies } from "./discrepancies.ts";

/** Compares all stored events with their bodies, and collects the differences. */
export async function recountEvents(
  verification: Verification,
  checkEvent: EventChecker,
  discrepancies: Discrepancies,
): Promise<CountedEvents> {
  const progress = createProgressLog("events", 10_000);
  const counts = countEvents();
  for await (const page of verification.events()) {
    for (const stored of page) {
      counts.add(stored);
      for (const detail of checkEvent(stored).faults)
        discrepancies.add({ where: "events", id: stored.eventId, detail });
      if (!stored.isLinked)
        discrepancies.add({ where: "events", id: stored.eventId, detail: "is not linked to its payment" });
    }
    progress(counts.soFar().events);
  }
  return counts.soFar();
}
