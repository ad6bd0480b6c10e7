import { createPayloadCodec, linkObjects, rewriteEvents, type Verification } from "@takings/postgres";
import { type Judge, rewriteOf } from "./judge-event.ts";
import { type CountedEvents, countEvents, progressOf } from "./recount-events.ts";

type Pool = Parameters<typeof rewriteEvents>[0];

export type ReadAnew = CountedEvents & {
  /** How many say something else now, or are known to be read by the present rules. */
  readonly rewritten: number;
  /** Those among them that counted before and are in quarantine now. */
  readonly quarantined: number;
  /** Faults that no reading of a body can mend, the first ones of them. */
  readonly unmended: readonly string[];
};

/** As much as is still listed; the rest of them is in what `takings verify` says. */
const mostListed = 100;

/**
 * Reads all bodies by the present rules and writes anew what they say, and the ledger with it, a page of events at a time.
 * May be interrupted and repeated at any time.
 */
export async function rebuildEvents(pool: Pool, store: Verification, judge: Judge): Promise<ReadAnew> {
  const codec = createPayloadCodec();
  const counts = countEvents();
  const progress = progressOf("events", 10_000);
  const unmended: string[] = [];
  const note = (fault: string): void => void (unmended.length < mostListed && unmended.push(fault));
  let [rewritten, quarantined] = [0, 0];
  for await (const page of store.events()) {
    const stale: string[] = [];
    for (const kept of page) {
      counts.add(kept);
      const judged = judge(kept);
      if (rewriteOf(kept, judged) !== undefined) stale.push(kept.eventId);
      else for (const fault of judged.faults) note(`${kept.eventId} ${fault}`);
    }
    if (stale.length > 0) {
      const done = await rewriteEvents(pool, codec, stale, (kept) => rewriteOf(kept, judge(kept)));
      rewritten += done.events;
      quarantined += done.quarantined;
      for (const { eventId, reason } of done.refused) note(`${eventId} ${reason}`);
    }
    await linkObjects(
      pool,
      page.flatMap(({ isLinked, facts, ...event }) =>
        isLinked || facts instanceof Error ? [] : [{ ...event, facts }],
      ),
    );
    progress(counts.soFar().events);
  }
  return { ...counts.soFar(), rewritten, quarantined, unmended };
}
