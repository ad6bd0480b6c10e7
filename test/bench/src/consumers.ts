import { rmSync } from "node:fs";
import { temporaryDirectory } from "@takings/local";
import { startService } from "@takings/testkit";
import type { TemporaryStack } from "./temporary-stack.ts";

/** Consumers as processes of their own. */
export type Consumers = AsyncDisposable & { readonly pids: readonly number[] };

/** Starts that many consumers of a stack. They wait where there is no durable yet. */
export async function startConsumers(count: number, stack: TemporaryStack): Promise<Consumers> {
  const dir = temporaryDirectory("takings-bench-consumers-");
  const env = { NATS_URL: stack.component("nats").url, DATABASE_URL: stack.component("postgres").url };
  const started = await Promise.allSettled(
    Array.from({ length: count }, () => startService("consumer", env, { dir })),
  );
  const consumers = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failure = started.find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") {
    await Promise.all(consumers.map((consumer) => consumer.end("SIGKILL")));
    throw failure.reason;
  }
  return {
    pids: consumers.map(({ pid }) => pid),
    async [Symbol.asyncDispose]() {
      await Promise.all(consumers.map((consumer) => consumer.end("SIGTERM")));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
