import { countPrunablePayloads, prunePayloads } from "@takings/postgres";
import { databaseUrl, type Environment, integer, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { withPool } from "../connections/database.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { wholeNumberOption } from "../options/whole-number.ts";
import { databaseHelp, databaseSettings } from "../settings/database.ts";

/** One batch of removals takes far less; anything longer hangs. */
const statementTimeoutMs = 120_000;
const maxDays = 36_500;

/** The settings of `takings payloads prune`. */
export const pruneSettings = databaseSettings.extend({
  PAYLOAD_RETENTION_DAYS: integer(1, maxDays).optional(),
});

type PruneOptions = { readonly olderThanDays?: number; readonly dryRun?: true };

/** `takings payloads`: manages the stored bodies of events. */
export function payloadsCommand(environment: Environment, print: Print): Command {
  const command = new Command("payloads").description("manage the stored bodies of events");
  command
    .command("prune")
    .description(
      "remove the bodies of old processed events; their ids, fields and facts are kept, so totals do not change",
    )
    .option("--older-than-days <days>", "overrides PAYLOAD_RETENTION_DAYS", wholeNumberOption(1, maxDays))
    .option("--dry-run", "only report how many bodies would be removed")
    .addHelpText(
      "after",
      environmentHelp({
        ...databaseHelp("with the role takings_pruner"),
        PAYLOAD_RETENTION_DAYS: "age from which bodies are removed (all are kept if not set)",
      }),
    )
    .action((options: PruneOptions) => prune(environment, print, options));
  return command;
}

async function prune(environment: Environment, print: Print, options: PruneOptions): Promise<void> {
  const env = parseEnv(pruneSettings, environment);
  const olderThanDays = options.olderThanDays ?? env.PAYLOAD_RETENTION_DAYS;
  if (olderThanDays === undefined) {
    print(
      "nothing to remove: payloads are kept permanently unless PAYLOAD_RETENTION_DAYS or --older-than-days is given",
    );
    return;
  }
  const which = `of processed events recorded more than ${olderThanDays} days ago`;
  await withPool({ url: databaseUrl(env), name: "pruner", statementTimeoutMs, print }, async (pool) => {
    if (options.dryRun) {
      print(`would remove ${await countPrunablePayloads(pool, olderThanDays)} payloads ${which}`);
      return;
    }
    const onProgress = (removed: number, upTo: string): void =>
      print(`removed ${removed} payloads so far, of events recorded up to ${upTo}`);
    print(`removed ${await prunePayloads(pool, { olderThanDays, onProgress })} payloads ${which}`);
  });
}
