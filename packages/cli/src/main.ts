import { migrate } from "@takings/postgres";
import { ConfigError, parseEnv, url } from "@takings/runtime";
import { Command } from "commander";
import { z } from "zod";
import { drillCommand } from "./drill-command.ts";
import { payloadsCommand } from "./payloads.ts";
import { purgeCommand } from "./purge-command.ts";
import { quarantineCommand } from "./quarantine-command.ts";
import { rebuildCommand } from "./rebuild-command.ts";
import { streamCommand } from "./stream-command.ts";
import { reconcileCommand } from "./reconcile-command.ts";
import { verifyCommand } from "./verify-command.ts";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const program = new Command("takings").description("Sets up and looks after a Takings installation.");

program
  .command("migrate")
  .description("bring the database (DATABASE_URL, a role that may create tables and roles) to this version")
  .action(async () => {
    const env = parseEnv(z.object({ DATABASE_URL: url("postgres", "postgresql") }), process.env);
    const applied = await migrate(env.DATABASE_URL, say);
    say(applied.length === 0 ? "the database is up to date" : `applied ${applied.length} migration(s)`);
  });

program.addCommand(streamCommand(process.env, say));
program.addCommand(purgeCommand(process.env, say));
program.addCommand(quarantineCommand(process.env, say));
program.addCommand(payloadsCommand(process.env, say));
program.addCommand(verifyCommand(process.env, say));
program.addCommand(rebuildCommand(process.env, say));
program.addCommand(drillCommand(process.env, say));
program.addCommand(reconcileCommand(process.env, say));

try {
  await program.parseAsync();
} catch (error) {
  const reason = error instanceof ConfigError ? error.message : `takings: ${describe(error)}`;
  process.stderr.write(`${reason}\n`);
  // Exits even where a client still keeps trying in the background.
  process.exit(1);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
