import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { nodeCommand } from "@takings/local";

/** How a `takings balance sync` ended. */
export type SyncEnd = {
  /** `null`: it was killed. */
  readonly status: number | null;
  readonly errors: string;
  readonly ms: number;
};

/** What a sync runs against. */
export type SyncTarget = {
  /** The directory of a running local stack. */
  readonly dir: string;
  readonly stripeUrl: string;
  readonly key: string;
};

/**
 * Runs `takings balance sync` beside a local stack.
 * @param options `args` of the command, and when it is killed with SIGKILL.
 */
export async function runSync(
  { dir, stripeUrl, key }: SyncTarget,
  options: { readonly args?: readonly string[]; readonly killWhen?: Promise<void> } = {},
): Promise<SyncEnd> {
  const { command, args, cwd, env } = nodeCommand(
    ["packages/local/src/takings.ts", "balance", "sync", ...(options.args ?? [])],
    { PATH: process.env["PATH"], TAKINGS_DIR: dir, STRIPE_API_URL: stripeUrl, STRIPE_API_KEY: key },
  );
  const began = performance.now();
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  void options.killWhen?.then(() => child.kill("SIGKILL"));
  const [errors, [status]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { status: status as number | null, errors, ms: performance.now() - began };
}
