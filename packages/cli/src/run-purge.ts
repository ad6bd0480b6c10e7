import { firstStoredSince, type LiveConnection, purgeBelow, readExtent } from "@takings/nats";
import { readProgress } from "@takings/postgres";
import { planPurge, type PurgePlan } from "./purge-plan.ts";

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
    committed: await readProgress(databaseUrl, extent.identity),
    firstYoung: await firstStoredSince(nats, new Date(Date.now() - keepMs)),
  });
  const { first, last, deleted, ackFloor: acknowledged } = extent;
  const goes = plan.upTo - first + 1 - deleted.filter((sequence) => sequence <= plan.upTo).length;
  const purged = dryRun || goes === 0 ? goes : await purgeBelow(nats, plan.upTo + 1);
  return { ...plan, first, last, acknowledged, purged, dryRun };
}
