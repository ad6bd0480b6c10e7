import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { nodeCommand } from "@takings/local";

/** How a command ended. */
export type CommandEnd = {
  /** `null`: it was killed. */
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
  readonly ms: number;
};

/** What commands run against. */
export type CommandTarget = {
  /** The directory of a running local stack. */
  readonly dir: string;
  readonly stripeUrl: string;
  readonly key: string;
};

/** Runs `takings` with arguments beside a local stack. @param killWhen when it is killed with SIGKILL. */
export async function runTakings(
  { dir, stripeUrl, key }: CommandTarget,
  args: readonly string[],
  killWhen?: Promise<void>,
): Promise<CommandEnd> {
  const command = nodeCommand(["packages/local/src/takings.ts", ...args], {
    PATH: process.env["PATH"],
    TAKINGS_DIR: dir,
    STRIPE_API_URL: stripeUrl,
    STRIPE_API_KEY: key,
  });
  const { cwd, env } = command;
  const began = performance.now();
  const child = spawn(command.command, command.args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  void killWhen?.then(() => child.kill("SIGKILL"));
  const [output, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { status: status as number | null, output, errors, ms: performance.now() - began };
}
