import { ConfigError } from "@takings/runtime";
import { Command } from "commander";
import type { MakeCommand } from "./command.ts";

/** The commands by name. Each is loaded on demand, because loading what all of them need takes long. */
const commands: ReadonlyMap<string, () => Promise<MakeCommand>> = new Map([
  ["migrate", async () => (await import("./migrate/migrate-command.ts")).migrateCommand],
  ["stream", async () => (await import("./stream/stream-command.ts")).streamCommand],
  ["purge", async () => (await import("./purge/purge-command.ts")).purgeCommand],
  ["quarantine", async () => (await import("./quarantine/quarantine-command.ts")).quarantineCommand],
  ["payloads", async () => (await import("./payloads/payloads-command.ts")).payloadsCommand],
  ["verify", async () => (await import("./verify/verify-command.ts")).verifyCommand],
  ["rebuild", async () => (await import("./rebuild/rebuild-command.ts")).rebuildCommand],
  ["smoke-test", async () => (await import("./smoke-test/smoke-test-command.ts")).smokeTestCommand],
  ["tie-out", async () => (await import("./tie-out/tie-out-command.ts")).tieOutCommand],
  ["reconcile", async () => (await import("./reconcile/reconcile-command.ts")).reconcileCommand],
  ["doctor", async () => endingDoctor(await import("./doctor/doctor-command.ts"))],
  ["balance", async () => (await import("./balance/sync-command.ts")).balanceCommand],
  ["endpoint", async () => (await import("./endpoint/endpoint-command.ts")).endpointCommand],
]);

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const program = new Command("takings")
  .description("set up and operate a Takings installation")
  .addHelpText(
    "after",
    "\n`takings <command> --help` lists the options and environment variables of a command.",
  );

const requested = commands.get(process.argv[2] ?? "");
// Without a known command, or for help, the usage lists all commands.
for (const load of requested === undefined ? commands.values() : [requested])
  program.addCommand((await load())(process.env, print));

try {
  await program.parseAsync();
} catch (error) {
  const reason = error instanceof ConfigError ? error.message : `takings: ${describe(error)}`;
  process.stderr.write(`${reason}\n`);
  // Exits even if a client still retries in the background.
  process.exit(1);
}

/** Ends the process: a server that accepts connections and stays silent would keep it alive. */
function endingDoctor({ doctorCommand }: typeof import("./doctor/doctor-command.ts")): MakeCommand {
  return (environment, print) =>
    doctorCommand(environment, print).hook("postAction", () => {
      process.stdout.write("", () => process.exit());
    });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
