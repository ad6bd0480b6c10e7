import { migrate } from "@takings/postgres";
import { type Environment, integer, parseEnv, url } from "@takings/runtime";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";

type Options = { readonly wait: number };

/** `takings migrate`: brings the database to this version, beside whatever else works in it. */
export function migrateCommand(environment: Environment, say: (line: string) => void): Command {
  return new Command("migrate")
    .description("bring the database (DATABASE_URL, the login that owns it) to this version")
    .option("--wait <seconds>", "how long to wait for whoever holds what a migration needs", seconds, 300)
    .action(async ({ wait }: Options) => {
      const env = parseEnv(z.object({ DATABASE_URL: url("postgres", "postgresql") }), environment);
      const applied = await migrate(env.DATABASE_URL, say, { waitMs: wait * 1_000 });
      say(applied.length === 0 ? "the database is up to date" : `applied ${applied.length} migration(s)`);
    });
}

function seconds(text: string): number {
  const { success, data } = integer(1, 86_400).safeParse(text);
  if (success) return data;
  throw new InvalidArgumentError("It must be a whole number from 1 to 86400.");
}
