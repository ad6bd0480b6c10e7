import { countPrunablePayloads, createPool, prunePayloads } from "@takings/postgres";
import { type Environment, integer, parseEnv, url } from "@takings/runtime";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";

/** One batch of removals takes far less; beyond this something is wrong. */
const statementTimeoutMs = 120_000;

const settings = z.object({
  DATABASE_URL: url("postgres", "postgresql"),
  PAYLOAD_RETENTION_DAYS: integer(1, 36_500).optional(),
});

type PruneOptions = { readonly olderThanDays?: number; readonly dryRun?: true };

/** `takings payloads`: what can be done with the stored bodies of events. */
export function payloadsCommand(env: Environment, say: (line: string) => void): Command {
  const command = new Command("payloads").description("manage the stored bodies of events");
  command
    .command("prune")
    .description(
      "remove the bodies of processed events older than PAYLOAD_RETENTION_DAYS (DATABASE_URL, a takings_pruner); ids, fields and the facts of the events stay",
    )
    .option("--older-than-days <days>", "instead of PAYLOAD_RETENTION_DAYS", days)
    .option("--dry-run", "only say how many that would be")
    .action((options: PruneOptions) => prune(env, say, options));
  return command;
}

async function prune(env: Environment, say: (line: string) => void, options: PruneOptions): Promise<void> {
  const { DATABASE_URL, PAYLOAD_RETENTION_DAYS } = parseEnv(settings, env);
  const olderThanDays = options.olderThanDays ?? PAYLOAD_RETENTION_DAYS;
  if (olderThanDays === undefined) {
    say(
      "nothing to remove: payloads are kept permanently unless PAYLOAD_RETENTION_DAYS or --older-than-days is given",
    );
    return;
  }
  const onIdleError = (error: Error): void => say(`a connection broke and is replaced: ${error.message}`);
  const pool = createPool({ url: DATABASE_URL, name: "pruner", max: 1, statementTimeoutMs, onIdleError });
  const which = `of processed events recorded more than ${olderThanDays} days ago`;
  try {
    if (options.dryRun) {
      say(`would remove ${await countPrunablePayloads(pool, olderThanDays)} payloads ${which}`);
      return;
    }
    const onProgress = (removed: number, upTo: string): void =>
      say(`removed ${removed} payloads, up to those recorded at ${upTo}`);
    say(`removed ${await prunePayloads(pool, { olderThanDays, onProgress })} payloads ${which}`);
  } finally {
    await pool.end();
  }
}

function days(text: string): number {
  const { success, data } = integer(1, 36_500).safeParse(text);
  if (success) return data;
  throw new InvalidArgumentError("It must be a whole number from 1 to 36500.");
}
