import { migrate } from "@takings/postgres";
import { databaseUrl, type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { wholeNumberOption } from "../options/whole-number.ts";
import { databaseHelp, databaseSettings } from "../settings/database.ts";

type Options = { readonly wait: number };

/** `takings migrate`: migrates the database to this version, while services use it. */
export function migrateCommand(environment: Environment, print: Print): Command {
  return new Command("migrate")
    .description("migrate the database to this version")
    .option(
      "--wait <seconds>",
      "how long to wait for locks that a migration needs",
      wholeNumberOption(1, 86_400),
      300,
    )
    .addHelpText("after", environmentHelp(databaseHelp("as the owner of the database (takings_migrator)")))
    .action(async ({ wait }: Options) => {
      const env = parseEnv(databaseSettings, environment);
      const applied = await migrate(databaseUrl(env), print, { waitMs: wait * 1_000 });
      print(applied.length === 0 ? "the database is up to date" : `applied ${applied.length} migration(s)`);
    });
}
