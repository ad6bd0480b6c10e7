import { TakingsError } from "@takings/domain";
import { createPayloadCodec, linkObjects, rewriteEvents, type Verification } from "@takings/postgres";
import { type Judge, rewriteOf } from "./judge-event.ts";
import { type CountedEvents, countEvents, progressOf } from "./recount-events.ts";

type Pool = Parameters<typeof rewriteEvents>[0];

export type ReadAnew = CountedEvents & {
  /** How many say something else now, or are known to be read by the present rules. */
  readonly rewritten: number;
  /** Entries of the ledger that changed with them. */
  readonly entries: number;
  /** Those among them that counted before and are in quarantine now. */
  readonly quarantined: number;
  /** Faults that no reading of a body can mend, the first ones of them. */
  readonly unmended: readonly string[];
  /** Why a page of events could not be written anew; they stay as they were. */
  readonly trouble: TakingsError | undefined;
};

/** As much as is still listed; the rest of them is in what `takings verify` says. */
const mostListed = 100;
/** So many pages in a row that cannot be written have one cause: somebody holds the whole table. */
const mostTroubles = 3;

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
  let [rewritten, entries, quarantined, troubles] = [0, 0, 0, 0];
  let trouble: TakingsError | undefined;
  const mend = async (stale: readonly string[]): Promise<void> => {
    const done = await rewriteEvents(pool, codec, stale, (kept) => rewriteOf(kept, judge(kept)));
    rewritten += done.events;
    entries += done.entries;
    quarantined += done.quarantined;
    for (const { eventId, reason } of done.refused) note(`${eventId} ${reason}`);
  };
  for await (const page of store.events()) {
    const stale: string[] = [];
    for (const kept of page) {
      counts.add(kept);
      const judged = judge(kept);
      if (rewriteOf(kept, judged) !== undefined) stale.push(kept.eventId);
      else for (const fault of judged.faults) note(`${kept.eventId} ${fault}`);
    }
    const unlinked = page.flatMap(({ isLinked, facts, ...event }) =>
      isLinked || facts instanceof Error ? [] : [{ ...event, facts }],
    );
    try {
      await linkObjects(pool, unlinked);
      if (stale.length > 0) await mend(stale);
      troubles = 0;
    } catch (error) {
      if (!(error instanceof TakingsError) || error.code !== "unavailable") throw error;
      troubles += 1;
      if (troubles === mostTroubles) throw error;
      trouble = error;
    }
    progress(counts.soFar().events);
  }
  return { ...counts.soFar(), rewritten, entries, quarantined, unmended, trouble };
}
