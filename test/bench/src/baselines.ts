import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, eventually, freePorts, isOk, projectRoot, startChild, withClient } from "@takings/local";
import { benchSecret } from "./temporary-stack.ts";

/** What Takings is compared with. `floor` verifies and answers, `naive` also inserts, `engine` is Supabase's. */
export const baselineNames = ["floor", "naive", "engine"] as const;

/** A baseline as a process of its own, serving. */
export type Baseline = AsyncDisposable & { readonly url: string; readonly pid: number };

/** Starts a baseline with a database of its own on the server of this superuser's address. */
export async function startBaseline(
  name: (typeof baselineNames)[number],
  serverUrl: string,
): Promise<Baseline> {
  const dir = mkdtempSync(join(tmpdir(), "takings-bench-baseline-"));
  await withClient(serverUrl, (client) => client.query(`create database bench_${name}`));
  const database = new URL(serverUrl);
  database.pathname = `/bench_${name}`;
  const [port = 0] = await freePorts(1);
  const env = { PORT: String(port), SECRET: benchSecret, DATABASE_URL: database.href };
  const args = ["test/bench/src/baseline.ts", name];
  const command = { command: process.execPath, args, cwd: projectRoot(), env, sharesGroup: true };
  const child = await startChild(command, { logFile: join(dir, `${name}.log`) });
  const url = `http://127.0.0.1:${port}`;
  await eventually(name, () => isOk(`${url}/readyz`), 60_000);
  return {
    url,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      await endProcess({ ...child, name, signal: "SIGKILL" }, 5_000);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
