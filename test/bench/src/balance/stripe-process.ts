import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import type { RequestReport } from "@takings/simulator";

/** The fake of Stripe's balance as a process of its own. */
export type StripeProcess = AsyncDisposable & {
  readonly url: string;
  /** Sets Stripe's time, Unix seconds. */
  setTime(now: number): void;
  /** The requests so far. */
  report(): Promise<RequestReport>;
};

/** What it lists. */
export type StripeProcessOptions = {
  readonly seed: number;
  readonly days: number;
  readonly transactions: number;
  /** Unix seconds. */
  readonly from: number;
  readonly now: number;
  readonly key: string;
  /** Milliseconds before each answer. */
  readonly latency: number;
};

/** Starts it. */
export async function startStripeProcess(options: StripeProcessOptions): Promise<StripeProcess> {
  const child = fork(
    join(projectRoot(), "test/simulator/src/balance/fake-main.ts"),
    [
      ...["seed", "days", "transactions", "key", "latency"].map(
        (name) => `--${name}=${options[name as keyof StripeProcessOptions]}`,
      ),
      `--from=${new Date(options.from * 1_000).toISOString()}`,
      `--now=${new Date(options.now * 1_000).toISOString()}`,
    ],
    { stdio: ["ignore", "pipe", "inherit", "ipc"] },
  );
  return {
    url: await urlOf(child),
    setTime: (now) => void child.send({ now }),
    async report() {
      const reply = once(child, "message");
      child.send("report");
      return ((await reply) as [RequestReport])[0];
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

async function urlOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the fake has no standard output");
  let output = "";
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (output.includes("\n")) return (JSON.parse(output) as { url: string }).url;
  }
  throw new Error("the fake of Stripe ended before it said where it is");
}
