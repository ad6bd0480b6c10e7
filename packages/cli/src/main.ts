import { ConfigError } from "@takings/runtime";
import { Command } from "commander";
import { drillCommand } from "./drill-command.ts";
import { migrateCommand } from "./migrate-command.ts";
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

program.addCommand(migrateCommand(process.env, say));
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
