import { rmSync } from "node:fs";
import {
  explain,
  projectRoot,
  proxyExemption,
  startReaper,
  temporaryDirectory,
  watchStarters,
} from "@takings/local";
import { runMocha } from "./run-mocha.ts";
import type { Summary } from "./summary.ts";
import { makeTemplate } from "./template-database.ts";
import { startTestServers, type TestServers } from "./test-servers.ts";

// Also for everything that is started from here: requests to this machine never go through a proxy.
Object.assign(process.env, proxyExemption(process.env));
const { env } = process;
const reaper = startReaper();
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
if (env["npm_lifecycle_event"] !== undefined) watchStarters(() => stopping.abort());

let dir: string | undefined;
let servers: TestServers | undefined;
let summary: Summary = { passed: 0, failed: 1 };
try {
  dir = temporaryDirectory("takings-test-");
  servers = await startTestServers(dir, env, reaper);
  const trouble = await makeTemplate(servers.postgres, servers.secrets, env).then(() => undefined, explain);
  if (trouble !== undefined) process.stdout.write(`The migrations failed: ${trouble}\n`);
  summary = await runMocha({
    root: projectRoot(),
    dir,
    args: process.argv.slice(2),
    env: { ...env, ...servers.env, ...(trouble !== undefined && { TEST_TEMPLATE_ERROR: trouble }) },
    reaper,
    signal: stopping.signal,
  });
} catch (error) {
  process.stdout.write(`${explain(error)}\n`);
} finally {
  await servers?.stop();
  if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  reaper.dismiss();
}
const interrupted = stopping.signal.aborted ? 1 : 0;
const failed = summary.failed + interrupted;
process.stdout.write(`${summary.passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && summary.passed > 0 ? 0 : 1;
