import { type EventKey, messageIdOf, TakingsError } from "@takings/domain";
import {
  createPayloadCodec,
  linkObjects,
  registerSources,
  rewriteEvents,
  type Verification,
} from "@takings/postgres";
import type { Pool } from "../connections/database.ts";
import { createProgressLog } from "../progress-log.ts";
import { type EventChecker, rewriteIfStale } from "../stored-events/check-event.ts";
import { type CountedEvents, countEvents } from "../stored-events/count-events.ts";

/** What reading all events again changed. */
export type RebuiltEvents = CountedEvents & {
  /** Events whose stored fields were corrected, or which are now marked as read by the current rules. */
  readonly rewritten: number;
  /** Ledger entries that were corrected together with them. */
  readonly entries: number;
  /** Balance transactions and payouts that were. */
  readonly balance: number;
  /** Events that were counted before and are in quarantine now. */
  readonly quarantined: number;
  /** The first faults that reading the body again cannot correct. */
  readonly unrepaired: readonly string[];
  /** Why a page of events could not be rewritten; its events stay as they were. */
  readonly failure: TakingsError | undefined;
};

/** `takings verify` lists the rest. */
const maxListed = 100;
/** After this many consecutive pages that cannot be written, another session probably locks the whole table. */
const maxFailures = 3;

/**
 * Reads all bodies by the current rules and stores the result, together with the ledger, one page of events at a time.
 * It can be interrupted and repeated at any time.
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
  const addFault = (fault: string): void => void (unrepaired.length < maxListed && unrepaired.push(fault));
  let [rewritten, entries, balance, quarantined, failures] = [0, 0, 0, 0, 0];
  let failure: TakingsError | undefined;
  const rewriteStale = async (stale: readonly EventKey[]): Promise<void> => {
    const done = await rewriteEvents(pool, codec, stale, (stored) =>
      rewriteIfStale(stored, checkEvent(stored)),
    );
    rewritten += done.events;
    entries += done.entries;
    balance += done.balance;
    quarantined += done.quarantined;
    for (const refused of done.refused) addFault(`${messageIdOf(refused)} ${refused.reason}`);
  };
  for await (const page of store.events()) {
    const stale: EventKey[] = [];
    for (const stored of page) {
      counts.add(stored);
      const checked = checkEvent(stored);
      if (rewriteIfStale(stored, checked) !== undefined) stale.push(stored);
      else for (const fault of checked.faults) addFault(`${messageIdOf(stored)} ${fault}`);
    }
    const unlinked = page.flatMap(({ isLinked, facts, ...event }) =>
      isLinked || facts instanceof Error ? [] : [{ ...event, facts }],
    );
    try {
      await registerSources(pool, page);
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
  return { ...counts.soFar(), rewritten, entries, balance, quarantined, unrepaired, failure };
}
