import { rmSync } from "node:fs";
import { type Env, explain, projectRoot, type Reaper, temporaryDirectory } from "@takings/local";
import { type MochaOutput, runMocha } from "./run-mocha.ts";
import type { Summary } from "./summary.ts";
import { makeTemplate } from "./template-database.ts";
import { startTestServers, type TestServers } from "./test-servers.ts";

/** Some of the tests, run one after the other, with servers that no others use. */
export interface Lane {
  /** Arguments for mocha, test files among them. */
  readonly args: readonly string[];
  readonly env: Env;
  readonly reaper: Reaper;
  readonly signal: AbortSignal;
  readonly output: MochaOutput;
}

/** Starts a PostgreSQL and a nats-server, runs the lane's tests and ends what it started. Never rejects. */
export async function runLane({ args, env, reaper, signal, output }: Lane): Promise<Summary> {
  let dir: string | undefined;
  let servers: TestServers | undefined;
  try {
    dir = temporaryDirectory("takings-test-");
    servers = await startTestServers(dir, env, reaper);
    const trouble = await makeTemplate(servers.postgres, servers.secrets, env).then(() => undefined, explain);
    if (trouble !== undefined) process.stdout.write(`The migrations failed: ${trouble}\n`);
    const handedOver = { ...servers.env, ...(trouble !== undefined && { TEST_TEMPLATE_ERROR: trouble }) };
    return await runMocha({
      root: projectRoot(),
      dir,
      args,
      env: { ...env, ...handedOver },
      reaper,
      signal,
      output,
    });
  } catch (error) {
    process.stdout.write(`${explain(error)}\n`);
    return { passed: 0, failed: 1 };
  } finally {
    await servers?.stop();
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
}
