import { type Environment, parseEnv, url } from "@takings/runtime";
import { Command } from "commander";
import { durationMs } from "../options/duration.ts";
import { natsSettings, withNats } from "../access/nats.ts";
import type { PurgePlan } from "./plan-purge.ts";
import { type PurgeReport, runPurge } from "./run-purge.ts";

const settings = natsSettings.extend({
  DATABASE_URL: url("postgres", "postgresql"),
  STREAM_KEEP: durationMs().prefault("7d"),
});

type Options = { readonly dryRun?: boolean; readonly json?: boolean };

/** `takings purge`: makes room on the stream, of what is committed, acknowledged and old. */
export function purgeCommand(environment: Environment, say: (line: string) => void): Command {
  return new Command("purge")
    .description(
      "remove from the stream what is committed, acknowledged and older than STREAM_KEEP (NATS_URL: the user purger; DATABASE_URL: a takings_purger)",
    )
    .option("--dry-run", "only say what would go")
    .option("--json", "print the report as JSON")
    .action(async ({ dryRun = false, json = false }: Options) => {
      const env = parseEnv(settings, environment);
      const { DATABASE_URL: databaseUrl, STREAM_KEEP: keepMs } = env;
      const report = await withNats(env, "purger", (nats) => runPurge({ nats, databaseUrl, keepMs, dryRun }));
      say(json ? JSON.stringify(report) : formatReport(report));
    });
}

const reasons: Readonly<Record<PurgePlan["keptBy"], string>> = {
  nothing: "nothing is left on the stream",
  age: "what follows is not older than STREAM_KEEP",
  acknowledgement: "what follows is not acknowledged",
  commit: "what follows is not known to be committed in the database",
};

function formatReport(report: PurgeReport): string {
  const { first, last, upTo, committed, acknowledged, purged, dryRun, keptBy } = report;
  if (last < first) return "the stream is empty";
  const did = dryRun ? "would purge" : "purged";
  const what =
    purged === 0 ? `${did} nothing` : `${did} ${purged} events, sequences ${first} to ${upTo} of ${last}`;
  return `${what}: ${reasons[keptBy]} (committed up to ${committed}, acknowledged up to ${acknowledged})`;
}
