import { rmSync } from "node:fs";
import type { Env } from "./env.ts";
import { withKeptSettings } from "./kept-settings.ts";
import { stopOnSignals } from "./lifecycle.ts";
import { projectRoot } from "./project-root.ts";
import { type RunFile, runningStack } from "./run-file.ts";
import { startStack } from "./stack.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A stack to send traffic to. */
export interface DemoStack {
  readonly parts: RunFile;
  /** What it was told. */
  readonly env: Env;
  /** Ends it where it was started for the demo alone. */
  leave(): Promise<void>;
}

/** A stack that is not ours to find or to end, such as one in a cluster. */
export function stackElsewhere(ingress: string, revenue: string, env: Env): DemoStack {
  const part = (url: string): RunFile[string] => ({ url, pid: 0 });
  return {
    parts: { ingress: part(ingress), revenue_query: part(revenue) },
    env,
    leave: async () => undefined,
  };
}

const partNames = ["ingress", "consumer", "revenue_query", "nats", "postgres"];

/** The stack that runs on `dir`, else one of the demo's own, on free ports and with data that is thrown away. */
export async function findOrStartStack(
  dir: string,
  env: Env,
  say: (line: string) => void,
): Promise<DemoStack> {
  const running = runningStack(dir, partNames);
  if (running !== undefined) {
    say(`Using the stack that runs at ${running["ingress"]?.url}.`);
    return { parts: running, env: withKeptSettings(dir, env), leave: async () => undefined };
  }
  say("Nothing runs here: starting a stack for this demo.");
  const own = temporaryDirectory("takings-demo-");
  const remove = (): void => rmSync(own, { recursive: true, force: true, maxRetries: 5 });
  const ports = { INGRESS_PORT: "0", REVENUE_PORT: "0" };
  const stack = startStack({
    dir: own,
    root: projectRoot(),
    env: { ...env, ...ports },
    temporary: true,
    say,
  });
  const leave = (): Promise<void> => stack.stop().finally(remove);
  const kill = (): void => {
    stack.kill();
    remove();
  };
  let interrupted = false;
  const stop = (): Promise<void> => {
    interrupted = true;
    return leave();
  };
  const stopWithStarters = env["npm_lifecycle_event"] !== undefined;
  stopOnSignals({ stop, kill, say, stopWithStarters }, 1);
  try {
    return { parts: await stack.started, env, leave };
  } catch (error) {
    // Where the start fails, the logs that its message names are left in place.
    if (interrupted) await leave();
    throw error;
  }
}
