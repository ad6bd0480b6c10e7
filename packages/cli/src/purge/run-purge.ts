import {
  firstStoredSince,
  type LiveConnection,
  purgeBelow,
  readExtent,
  type StreamExtent,
} from "@takings/nats";
import { readCommittedSequences, type SequenceRange } from "@takings/postgres";
import { planPurge, type PurgePlan } from "./plan-purge.ts";

export type Purge = {
  readonly nats: LiveConnection["nats"];
  readonly databaseUrl: string;
  /** Younger messages stay. */
  readonly keepMs: number;
  /** Changes nothing and reports what would go. */
  readonly dryRun: boolean;
};

export type PurgeReport = PurgePlan & {
  readonly first: number;
  readonly last: number;
  readonly acknowledged: number;
  /** How many messages went; how many would have gone in a dry run. */
  readonly purged: number;
  readonly dryRun: boolean;
};

/** Removes what is committed, acknowledged and old. @throws where anything about it is unknown; nothing is gone then. */
export async function runPurge({ nats, databaseUrl, keepMs, dryRun }: Purge): Promise<PurgeReport> {
  const extent = await readExtent(nats);
  const plan = planPurge({
    ...extent,
    committed: await readCommitted(databaseUrl, extent.generations),
    firstRecent: await firstStoredSince(nats, new Date(Date.now() - keepMs)),
  });
  const { first, last, deleted, ackFloor: acknowledged } = extent;
  const removable = plan.upTo - first + 1 - deleted.filter((sequence) => sequence <= plan.upTo).length;
  const purged = dryRun || removable === 0 ? removable : await purgeBelow(nats, plan.upTo + 1);
  return { ...plan, first, last, acknowledged, purged, dryRun };
}

/** What of the stream is committed: of each sequence by the latest generation that has delivered it. */
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
