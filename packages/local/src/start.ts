import { resolve } from "node:path";
import { Command } from "commander";
import { variable } from "./env.ts";
import { explain } from "./failure.ts";
import { pageInvitation } from "./page-address.ts";
import { stopOnSignals } from "./processes/stop-on-signals.ts";
import { proxyExemption } from "./network/proxy-exemption.ts";
import { startStack } from "./run/stack.ts";
import { createTerminalOutput } from "./run/terminal-output.ts";

const options = new Command("pnpm start")
  .description("Runs Takings on this machine until Ctrl-C: PostgreSQL, NATS and the three services.")
  .option("--fresh", "delete the data first", false)
  .parse()
  .opts<{ fresh: boolean }>();

// Requests to this machine bypass proxies, also those of the processes started here.
Object.assign(process.env, proxyExemption(process.env));
const { env } = process;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
// When the reader of the output ends, the services keep running.
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
  const signsIn = variable(env, "API_TOKENS") !== undefined || variable(env, "API_TOKENS_FILE") !== undefined;
  say(`\n${pageInvitation(`${components["revenue_query"]?.url}/`, signsIn)}`);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

// The database's password is in run.json, which is private, and is not printed.
function publicUrl(url: string): string {
  return url.replace(/:\/\/[^@/]*@/, "://");
}
