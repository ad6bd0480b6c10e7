import { TakingsError } from "@takings/domain";
import { createPayloadCodec, linkObjects, rewriteEvents, type Verification } from "@takings/postgres";
import { type EventChecker, rewriteIfStale } from "../stored-events/check-event.ts";
import { type CountedEvents, countEvents, createProgressLog } from "../stored-events/recount-events.ts";

type Pool = Parameters<typeof rewriteEvents>[0];

export type RebuiltEvents = CountedEvents & {
  /** How many say something else now, or are known to be read by the present rules. */
  readonly rewritten: number;
  /** Entries of the ledger that changed with them. */
  readonly entries: number;
  /** Those among them that counted before and are in quarantine now. */
  readonly quarantined: number;
  /** Faults that no reading of a body can rewriteStale, the first ones of them. */
  readonly unrepaired: readonly string[];
  /** Why a page of events could not be written anew; they stay as they were. */
  readonly failure: TakingsError | undefined;
};

/** As much as is still listed; the rest of them is in what `takings verify` says. */
const maxListed = 100;
/** So many pages in a row that cannot be written have one cause: somebody holds the whole table. */
const maxFailures = 3;

/**
 * Reads all bodies by the present rules and writes anew what they say, and the ledger with it, a page of events at a time.
 * May be interrupted and repeated at any time.
 */
export async function rebuildEvents(
  pool: Pool,
  store: Verification,
  checkEvent: EventChecker,
): Promise<RebuiltEvents> {
  const codec = createPayloadCodec();
  const counts = countEvents();
  const progress = createProgressLog("events", 10_000);
  const unrepaired: string[] = [];
  const note = (fault: string): void => void (unrepaired.length < maxListed && unrepaired.push(fault));
  let [rewritten, entries, quarantined, failures] = [0, 0, 0, 0];
  let failure: TakingsError | undefined;
  const rewriteStale = async (stale: readonly string[]): Promise<void> => {
    const done = await rewriteEvents(pool, codec, stale, (kept) => rewriteIfStale(kept, checkEvent(kept)));
    rewritten += done.events;
    entries += done.entries;
    quarantined += done.quarantined;
    for (const { eventId, reason } of done.refused) note(`${eventId} ${reason}`);
  };
  for await (const page of store.events()) {
    const stale: string[] = [];
    for (const kept of page) {
      counts.add(kept);
      const checked = checkEvent(kept);
      if (rewriteIfStale(kept, checked) !== undefined) stale.push(kept.eventId);
      else for (const fault of checked.faults) note(`${kept.eventId} ${fault}`);
    }
    const unlinked = page.flatMap(({ isLinked, facts, ...event }) =>
      isLinked || facts instanceof Error ? [] : [{ ...event, facts }],
    );
    try {
      await linkObjects(pool, unlinked);
      if (stale.length > 0) await rewriteStale(stale);
      failures = 0;
    } catch (error) {
      if (!(error instanceof TakingsError) || error.code !== "unavailable") throw error;
      failures += 1;
      if (failures === maxFailures) throw error;
      failure = error;
    }
    progress(counts.soFar().events);
  }
  return { ...counts.soFar(), rewritten, entries, quarantined, unrepaired, failure };
}
