import { firstStoredSince, type LiveConnection, purgeBelow, readExtent } from "@takings/nats";
import { readProgress } from "@takings/postgres";
import { type Environment, parseEnv, url } from "@takings/runtime";
import { Command } from "commander";
import { z } from "zod";
import { durationMs } from "./duration.ts";
import { natsSettings, withNats } from "./nats-access.ts";
import { planPurge, type PurgePlan } from "./purge-plan.ts";

const settings = natsSettings.extend({
  DATABASE_URL: url("postgres", "postgresql"),
  STREAM_KEEP: durationMs().prefault("7d"),
});

type Options = { readonly dryRun?: true; readonly json?: true };

type Report = PurgePlan & {
  readonly first: number;
  readonly last: number;
  readonly acknowledged: number;
  /** How many messages went; how many would have gone in a dry run. */
  readonly purged: number;
  readonly dryRun: boolean;
};

/** `takings purge`: makes room on the stream, of what is committed, acknowledged and old. */
export function purgeCommand(environment: Environment, say: (line: string) => void): Command {
  return new Command("purge")
    .description(
      "remove from the stream what is committed, acknowledged and older than STREAM_KEEP (NATS_URL: the user janitor; DATABASE_URL: a takings_janitor)",
    )
    .option("--dry-run", "only say what would go")
    .option("--json", "print the report as JSON")
    .action(async (options: Options) => {
      const env = parseEnv(settings, environment);
      const report = await withNats(env, "janitor", (nats) => purge(nats, env, options.dryRun === true));
      say(options.json ? JSON.stringify(report) : inWords(report));
    });
}

async function purge(
  nats: LiveConnection["nats"],
  env: z.output<typeof settings>,
  dryRun: boolean,
): Promise<Report> {
  const extent = await readExtent(nats);
  const plan = planPurge({
    ...extent,
    committed: await readProgress(env.DATABASE_URL, extent.identity),
    firstYoung: await firstStoredSince(nats, new Date(Date.now() - env.STREAM_KEEP)),
  });
  const { first, last, deleted, ackFloor: acknowledged } = extent;
  const goes = plan.upTo - first + 1 - deleted.filter((sequence) => sequence <= plan.upTo).length;
  const purged = dryRun || goes === 0 ? goes : await purgeBelow(nats, plan.upTo + 1);
  return { ...plan, first, last, acknowledged, purged, dryRun };
}

const reasons: Readonly<Record<PurgePlan["keptBy"], string>> = {
  nothing: "nothing is left on the stream",
  age: "what follows is not older than STREAM_KEEP",
  acknowledgement: "what follows is not acknowledged",
  commit: "what follows is not known to be committed in the database",
};

function inWords(report: Report): string {
  const { first, last, upTo, committed, acknowledged, purged, dryRun, keptBy } = report;
  if (last < first) return "the stream is empty";
  const did = dryRun ? "would purge" : "purged";
  const what =
    purged === 0 ? `${did} nothing` : `${did} ${purged} events, sequences ${first} to ${upTo} of ${last}`;
  return `${what}: ${reasons[keptBy]} (committed up to ${committed}, acknowledged up to ${acknowledged})`;
}
