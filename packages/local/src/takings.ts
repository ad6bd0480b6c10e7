// `pnpm takings <command>`: the command line, beside a running local stack with that stack's settings.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { commandArguments, commandEnv, stackFor } from "./run/command-access.ts";
import { variable } from "./env.ts";
import { explain } from "./failure.ts";
import { projectRoot } from "./project-root.ts";
import { proxyExemption } from "./network/proxy-exemption.ts";

const [node = "", program = "", ...args] = process.argv;
const dir = resolve(variable(process.env, "TAKINGS_DIR") ?? ".takings");
try {
  const stack = stackFor(dir);
  if (stack !== undefined) {
    process.env = { ...commandEnv(args, process.env, stack) };
    process.argv = [node, program, ...commandArguments(args, stack)];
  } else if (needsServers()) {
    process.stderr.write(`No local stack runs on ${dir}, so all settings come from the environment.\n`);
  }
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}
Object.assign(process.env, proxyExemption(process.env));
await import(pathToFileURL(join(projectRoot(), "packages/cli/src/main.ts")).href);

function needsServers(): boolean {
  const isHelp = args.length === 0 || args.some((arg) => arg === "help" || arg === "--help" || arg === "-h");
  return (
    !isHelp &&
    variable(process.env, "DATABASE_URL") === undefined &&
    variable(process.env, "NATS_URL") === undefined
  );
}
