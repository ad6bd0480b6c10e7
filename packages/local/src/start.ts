import { resolve } from "node:path";
import { Command } from "commander";
import { variable } from "./env.ts";
import { explain } from "./failure.ts";
import { stopOnSignals } from "./processes/stop-on-signals.ts";
import { proxyExemption } from "./network/proxy-exemption.ts";
import { startStack } from "./run/stack.ts";
import { createTerminalOutput } from "./run/terminal-output.ts";

const options = new Command("pnpm start")
  .description("Runs Takings on this machine until Ctrl-C: PostgreSQL, NATS and the three services.")
  .option("--fresh", "start with an empty ledger", false)
  .parse()
  .opts<{ fresh: boolean }>();

// Also for everything that is started from here: requests to this machine never go through a proxy.
Object.assign(process.env, proxyExemption(process.env));
const { env } = process;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
// A reader that has left must not take the services down with it.
process.stdout.on("error", () => undefined);

try {
  const stack = startStack({
    dir: resolve(variable(env, "TAKINGS_DIR") ?? ".takings"),
    env,
    fresh: options.fresh,
    terminal: createTerminalOutput(process.stdout, variable(env, "LOG_LEVEL") !== undefined),
    say,
  });
  stopOnSignals({ ...stack, say, stopWithLaunchers: variable(env, "npm_lifecycle_event") !== undefined });
  const components = await stack.started;
  say("ready");
  for (const [name, component] of Object.entries(components))
    say(`${name.padEnd(14)} ${publicUrl(component.url)}`);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

// The database's password belongs in run.json, which is private, and not on a screen.
function publicUrl(url: string): string {
  return url.replace(/:\/\/[^@/]*@/, "://");
}
