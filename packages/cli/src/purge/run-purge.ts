import {
  firstStoredSince,
  type LiveConnection,
  purgeBelow,
  readExtent,
  type StreamExtent,
} from "@takings/nats";
import { readCommittedSequences, type SequenceRange } from "@takings/postgres";
import { planPurge, type PurgePlan } from "./plan-purge.ts";

/** What to purge. */
export type PurgeRequest = {
  readonly nats: LiveConnection["nats"];
  readonly databaseUrl: string;
  /** Messages younger than this are kept, by the clocks of this process and of the server. */
  readonly keepMs: number;
  /** Reports what would be removed without removing it. */
  readonly dryRun: boolean;
};

/** What a purge removed, or would remove. */
export type PurgeReport = PurgePlan & {
  readonly first: number;
  readonly last: number;
  readonly acknowledged: number;
  /** How many messages were removed; in a dry run, how many would have been. */
  readonly purged: number;
  readonly dryRun: boolean;
};

/** Removes committed, acknowledged and old messages. @throws if anything cannot be determined; nothing is removed then. */
export async function runPurge({ nats, databaseUrl, keepMs, dryRun }: PurgeRequest): Promise<PurgeReport> {
  const extent = await readExtent(nats);
  // By whichever clock is behind: what is removed too early is gone.
  const now = Math.min(Date.now(), extent.serverTime.getTime());
  const plan = planPurge({
    ...extent,
    committed: await readCommitted(databaseUrl, extent.generations),
    firstRecent: await firstStoredSince(nats, new Date(now - keepMs)),
  });
  const { first, last, deleted, ackFloor: acknowledged } = extent;
  const removable = plan.upTo - first + 1 - deleted.filter((sequence) => sequence <= plan.upTo).length;
  const purged = dryRun || removable === 0 ? removable : await purgeBelow(nats, plan.upTo + 1);
  return { ...plan, first, last, acknowledged, purged, dryRun };
}

/** The committed sequences of the stream; for each sequence, those of the latest generation that delivered it. */
async function readCommitted(
  databaseUrl: string,
  generations: StreamExtent["generations"],
): Promise<SequenceRange[]> {
  const committed: SequenceRange[] = [];
  let before = Infinity;
  for (const { identity, from } of generations) {
    for (const range of await readCommittedSequences(databaseUrl, identity)) {
      const own = { first: Math.max(range.first, from), last: Math.min(range.last, before - 1) };
      if (own.first <= own.last) committed.push(own);
    }
    before = from;
  }
  return committed;
}
