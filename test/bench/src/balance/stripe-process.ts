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
  /** Resolves at the n-th request from now. */
  afterRequests(n: number): Promise<void>;
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
      const reply = messageOf<RequestReport>(child, "report");
      child.send({ report: true });
      return await reply;
    },
    async afterRequests(n) {
      const reply = messageOf<true>(child, "reached");
      child.send({ after: n });
      await reply;
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

/** The next message with this member. */
async function messageOf<T>(child: ChildProcess, member: string): Promise<T> {
  for (;;) {
    const [message] = (await once(child, "message")) as [Record<string, T | undefined>];
    const value = message[member];
    if (value !== undefined) return value;
  }
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
