import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, eventually, freePorts, isOk, nodeCommand, startChild } from "@takings/local";
import { service, type TemporaryStack } from "./temporary-stack.ts";

/** Consumers as processes of their own. */
export type Consumers = AsyncDisposable & { readonly pids: readonly number[] };

/** Starts that many consumers of a stack. They wait where there is no durable yet. */
export async function startConsumers(count: number, stack: TemporaryStack): Promise<Consumers> {
  const dir = mkdtempSync(join(tmpdir(), "takings-bench-consumers-"));
  const adminPorts = await freePorts(count);
  const env = { NATS_URL: stack.part("nats").url, DATABASE_URL: stack.part("postgres").url };
  const start = async (adminPort: number): Promise<Awaited<ReturnType<typeof startChild>>> => {
    const child = await startChild(
      {
        ...nodeCommand(service("consumer").args, {
          ...env,
          HOST: "127.0.0.1",
          ADMIN_PORT: String(adminPort),
        }),
        sharesGroup: true,
      },
      { logFile: join(dir, `${adminPort}.log`) },
    );
    await eventually("a consumer", () => isOk(`http://127.0.0.1:${adminPort}/livez`), 60_000);
    return child;
  };
  const children = await Promise.all(adminPorts.map(start));
  return {
    pids: children.map(({ pid }) => pid),
    async [Symbol.asyncDispose]() {
      const end = (child: (typeof children)[number]): Promise<unknown> =>
        endProcess({ ...child, name: "consumer", signal: "SIGTERM" }, 10_000);
      await Promise.all(children.map(end));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
