import { databaseUrl, type Environment, natsServer, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { withNats } from "../connections/nats.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { durationMs } from "../settings/duration.ts";
import { databaseHelp, databaseSettings } from "../settings/database.ts";
import { natsHelp, natsSettings } from "../settings/nats.ts";
import type { PurgePlan } from "./plan-purge.ts";
import { type PurgeReport, runPurge } from "./run-purge.ts";

/** The settings of `takings purge`. */
export const purgeSettings = natsSettings.extend({
  ...databaseSettings.shape,
  STREAM_KEEP: durationMs().prefault("7d"),
});

type Options = { readonly dryRun?: boolean; readonly json?: boolean };

/** `takings purge`: frees space on the stream by removing events that are committed, acknowledged and old. */
export function purgeCommand(environment: Environment, print: Print): Command {
  return new Command("purge")
    .description("remove events from the stream that are committed, acknowledged and older than STREAM_KEEP")
    .option("--dry-run", "only report what would be removed")
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      environmentHelp({
        ...natsHelp("as the user purger"),
        ...databaseHelp("with the role takings_purger"),
        STREAM_KEEP: "how long events are kept at least, such as 36h (default: 7d)",
      }),
    )
    .action(async ({ dryRun = false, json = false }: Options) => {
      const env = parseEnv(purgeSettings, environment);
      const options = { databaseUrl: databaseUrl(env), keepMs: env.STREAM_KEEP, dryRun };
      const report = await withNats(natsServer(env), "purger", (nats) => runPurge({ nats, ...options }));
      print(json ? JSON.stringify(report) : formatReport(report));
      expectCommitted(report);
    });
}

/**
 * The consumer commits before it acknowledges, so a database that lacks acknowledged events has lost them.
 * @throws Error that says so
 */
function expectCommitted({ committed, acknowledged, last }: PurgeReport): void {
  if (committed >= Math.min(acknowledged, last)) return;
  throw new Error(
    `event ${committed + 1} of the stream is acknowledged but not committed in the database, which was ` +
      'probably restored or lost transactions: run takings stream replay, as the runbook "PostgreSQL was restored" says',
  );
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
