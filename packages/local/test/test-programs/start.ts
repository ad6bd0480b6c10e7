// Starts the real supervisor, NATS and PostgreSQL with fake services; as a process of its own, so that tests can send
// it signals and kill it.
import { explain } from "../../src/failure.ts";
import { stopOnSignals } from "../../src/processes/stop-on-signals.ts";
import { services } from "../../src/run/services.ts";
import { startStack } from "../../src/run/stack.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const stack = startStack({
    dir: process.env["TAKINGS_DIR"] ?? "",
    env: process.env,
    services: services.map((service) => ({
      ...service,
      args: ["packages/local/test/test-programs/service.ts"],
    })),
    setup: [],
    say,
  });
  stopOnSignals({ ...stack, say, stopWithLaunchers: process.env["STOP_WITH_STARTERS"] !== undefined });
  await stack.started;
  say("ready");
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}
