import { rulesVersion } from "@takings/domain";
import type { KeptEvent, Verification } from "@takings/postgres";
import type { Discrepancies } from "../verify/discrepancies.ts";
import type { EventChecker } from "./check-event.ts";

/** Events that were read by other rules than the present ones. */
export type OtherRules = { readonly rules: number; readonly events: number; readonly withoutBody: number };

export type CountedEvents = {
  readonly events: number;
  /** Counted by the facts that were kept when their body was removed. */
  readonly withoutBody: number;
  readonly otherRules: readonly OtherRules[];
};

/** Says from time to time how far a long count has come; on standard error, so that the result stays alone. */
export function createProgressLog(what: string, every: number): (counted: number) => void {
  let reportedAt = 0;
  return (counted) => {
    if (counted - reportedAt < every) return;
    reportedAt = counted;
    process.stderr.write(`${counted} ${what} counted\n`);
  };
}

/** Holds all events against their bodies. */
export async function recountEvents(
  verification: Verification,
  checkEvent: EventChecker,
  discrepancies: Discrepancies,
): Promise<CountedEvents> {
  const progress = createProgressLog("events", 10_000);
  const counts = countEvents();
  for await (const page of verification.events()) {
    for (const kept of page) {
      counts.add(kept);
      for (const detail of checkEvent(kept).faults)
        discrepancies.add({ where: "events", id: kept.eventId, detail });
      if (!kept.isLinked)
        discrepancies.add({ where: "events", id: kept.eventId, detail: "is not found by its payment" });
    }
    progress(counts.soFar().events);
  }
  return counts.soFar();
}

/** Counts events by the rules they were read by. */
export function countEvents(): { add(kept: KeptEvent): void; soFar(): CountedEvents } {
  const byRules = new Map<number, OtherRules>();
  const sum = (of: "events" | "withoutBody"): number =>
    byRules.values().reduce((total, counted) => total + counted[of], 0);
  return {
    add({ rules, body }) {
      const known = byRules.get(rules) ?? { rules, events: 0, withoutBody: 0 };
      const withoutBody = known.withoutBody + (body === "removed" ? 1 : 0);
      byRules.set(rules, { rules, events: known.events + 1, withoutBody });
    },
    soFar: () => ({
      events: sum("events"),
      withoutBody: sum("withoutBody"),
      otherRules: [...byRules.values()]
        .filter(({ rules }) => rules !== rulesVersion)
        .toSorted((a, b) => a.rules - b.rules),
    }),
  };
}
