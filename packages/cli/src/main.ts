import { ConfigError, type Environment } from "@takings/runtime";
import { Command } from "commander";

type MakeCommand = (env: Environment, say: (line: string) => void) => Command;

/** Each command by its name. Loaded where it is asked for: all that one of them needs takes the others long to load. */
const commands: ReadonlyMap<string, () => Promise<MakeCommand>> = new Map([
  ["migrate", async () => (await import("./migrate/migrate-command.ts")).migrateCommand],
  ["stream", async () => (await import("./stream/stream-command.ts")).streamCommand],
  ["purge", async () => (await import("./purge/purge-command.ts")).purgeCommand],
  ["quarantine", async () => (await import("./quarantine/quarantine-command.ts")).quarantineCommand],
  ["payloads", async () => (await import("./payloads/payloads-command.ts")).payloadsCommand],
  ["verify", async () => (await import("./verify/verify-command.ts")).verifyCommand],
  ["rebuild", async () => (await import("./rebuild/rebuild-command.ts")).rebuildCommand],
  ["smoke-test", async () => (await import("./smoke-test/smoke-test-command.ts")).smokeTestCommand],
  ["reconcile", async () => (await import("./reconcile/reconcile-command.ts")).reconcileCommand],
]);

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const program = new Command("takings").description("Sets up and operates a Takings installation.");

const asked = commands.get(process.argv[2] ?? "");
// Whoever asks for none of them, or for help, is told of all.
for (const load of asked === undefined ? commands.values() : [asked])
  program.addCommand((await load())(process.env, say));

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
