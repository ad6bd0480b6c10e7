import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  freePorts,
  nodeCommand,
  probeFailure,
  startProcess,
  temporaryDirectory,
  withClient,
} from "@takings/local";
import { benchSecret } from "./temporary-stack.ts";

/** What Takings is compared with. `floor` verifies and responds, `naive` also inserts, `engine` is Supabase's. */
export const baselineNames = ["floor", "naive", "engine"] as const;

/** A running baseline, as a process of its own. */
export type Baseline = AsyncDisposable & { readonly url: string; readonly pid: number };

/** Starts a baseline with a database of its own on this server; the URL is the superuser's. */
export async function startBaseline(
  name: (typeof baselineNames)[number],
  serverUrl: string,
): Promise<Baseline> {
  const dir = temporaryDirectory("takings-bench-baseline-");
  await withClient(serverUrl, (client) => client.query(`create database bench_${name}`));
  const database = new URL(serverUrl);
  database.pathname = `/bench_${name}`;
  const [port = 0] = await freePorts(1);
  const env = { PORT: String(port), SECRET: benchSecret, DATABASE_URL: database.href };
  const command = nodeCommand(["test/bench/src/baseline.ts", name], env);
  const url = `http://127.0.0.1:${port}`;
  const process = await startProcess(
    {
      name,
      logFile: join(dir, `${name}.log`),
      signal: "SIGKILL",
      graceMs: 5_000,
      command: () => command,
      ready: { withinMs: 60_000, missing: () => probeFailure(`${url}/readyz`) },
    },
    { sharesGroup: true },
  );
  return {
    url,
    pid: process.pid,
    async [Symbol.asyncDispose]() {
      await process.end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
