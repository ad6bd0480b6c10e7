import { rmSync } from "node:fs";
import type { Env } from "./env.ts";
import { withSavedSettings } from "./directory/saved-settings.ts";
import { stopOnSignals } from "./processes/stop-on-signals.ts";
import { type RunFile, runningStack } from "./directory/run-file.ts";
import { startStack } from "./run/stack.ts";
import { temporaryDirectory } from "./directory/temporary-directory.ts";

/** A stack to send traffic to. */
export interface DemoStack {
  readonly components: RunFile;
  /** Its settings. */
  readonly env: Env;
  /** Whether it was started for the demo. */
  readonly isOwn: boolean;
  /** Stops it if it was started for the demo. */
  release(): Promise<void>;
}

const notOwn = { isOwn: false, release: async () => undefined } as const;

/** A stack that is managed elsewhere, such as one in a cluster. */
export function externalStack(ingress: string, revenue: string, env: Env): DemoStack {
  const component = (url: string): RunFile[string] => ({ url, pid: 0 });
  return {
    components: { ingress: component(ingress), revenue_query: component(revenue) },
    env,
    ...notOwn,
  };
}

const componentNames = ["ingress", "consumer", "revenue_query", "nats", "postgres"];

/** The stack that runs on `dir`, else a new one on free ports with temporary data. */
export async function findOrStartStack(
  dir: string,
  env: Env,
  say: (line: string) => void,
): Promise<DemoStack> {
  const running = runningStack(dir, componentNames);
  if (running !== undefined) {
    say(`Using the stack that runs at ${running["ingress"]?.url}.`);
    return { components: running, env: withSavedSettings(dir, env), ...notOwn };
  }
  say("Nothing runs here: starting a stack for this demo.");
  const own = temporaryDirectory("takings-demo-");
  const remove = (): void => rmSync(own, { recursive: true, force: true, maxRetries: 5 });
  const ports = { INGRESS_PORT: "0", REVENUE_PORT: "0" };
  const stack = startStack({
    dir: own,
    env: { ...env, ...ports },
    temporary: true,
    say,
  });
  const release = (): Promise<void> => stack.stop().finally(remove);
  const kill = (): void => {
    stack.kill();
    remove();
  };
  let interrupted = false;
  const stop = (): Promise<void> => {
    interrupted = true;
    return release();
  };
  const stopWithLaunchers = env["npm_lifecycle_event"] !== undefined;
  stopOnSignals({ stop, kill, say, stopWithLaunchers }, 1);
  try {
    return { components: await stack.started, env, isOwn: true, release };
  } catch (error) {
    // If the start fails, the logs that its error message names are kept.
    if (interrupted) await release();
    throw error;
  }
}
