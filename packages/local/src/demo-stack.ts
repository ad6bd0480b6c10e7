import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Env } from "./env.ts";
import { stopOnSignals } from "./lifecycle.ts";
import { projectRoot } from "./project-root.ts";
import { type RunFile, runningStack } from "./run-file.ts";
import { startStack } from "./stack.ts";

/** A stack to send traffic to. */
export interface DemoStack {
  readonly parts: RunFile;
  /** Ends it where it was started for the demo alone. */
  leave(): Promise<void>;
}

/** A stack that is not ours to find or to end, such as one in a cluster. */
export function stackElsewhere(ingress: string, revenue: string): DemoStack {
  const part = (url: string): RunFile[string] => ({ url, admin_url: url, pid: 0 });
  return {
    parts: { ingress: part(ingress), revenue_query: part(revenue) },
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
    return { parts: running, leave: async () => undefined };
  }
  say("Nothing runs here: starting a stack for this demo.");
  const own = mkdtempSync(join(tmpdir(), "takings-demo-"));
  const remove = (): void => rmSync(own, { recursive: true, force: true });
  const ports = { INGRESS_PORT: "0", REVENUE_PORT: "0" };
  const stack = startStack({ dir: own, root: projectRoot(), env: { ...env, ...ports }, say });
  const leave = (): Promise<void> => stack.stop().finally(remove);
  const stopWithStarters = env["npm_lifecycle_event"] !== undefined;
  stopOnSignals({ stop: leave, kill: stack.kill, say, stopWithStarters }, 1);
  // Where the start fails, the logs that its message names are left in place.
  return { parts: await stack.started, leave };
}
