import { rmSync } from "node:fs";
import { type Env, explain, projectRoot, type Reaper, temporaryDirectory } from "@takings/local";
import { type MochaOutput, runMocha } from "./run-mocha.ts";
import { addUp, type Summary } from "./summary.ts";
import { makeTemplate } from "./template-database.ts";
import { startTestServers, type TestServers } from "./test-servers.ts";

/** Arguments for mocha, test files among them, and where that run writes. */
export interface Round {
  readonly args: readonly string[];
  /** Opened when the round begins. */
  output(): MochaOutput;
  /** Called when the round is over. */
  over(summary: Summary): void;
}

/** Rounds of tests, run one after the other with servers that no other lane uses. */
export interface Lane {
  /** Where each lane takes the next round that no other has taken. */
  readonly rounds: Iterable<Round>;
  readonly env: Env;
  readonly reaper: Reaper;
  readonly signal: AbortSignal;
}

/** Starts a PostgreSQL and a nats-server, runs rounds until there are none and ends what it started. Never rejects. */
export async function runLane({ rounds, env, reaper, signal }: Lane): Promise<Summary> {
  let dir: string | undefined;
  let servers: TestServers | undefined;
  let total: Summary = { passed: 0, failed: 0 };
  try {
    dir = temporaryDirectory("takings-test-");
    servers = await startTestServers(dir, env, reaper);
    const trouble = await makeTemplate(servers.postgres, servers.secrets, env).then(() => undefined, explain);
    if (trouble !== undefined) process.stdout.write(`The migrations failed: ${trouble}\n`);
    const testVariable = { ...servers.env, ...(trouble !== undefined && { TEST_TEMPLATE_ERROR: trouble }) };
    const settings = { root: projectRoot(), dir, env: { ...env, ...testVariable }, reaper, signal };
    for (const round of rounds) {
      if (signal.aborted) break;
      const summary = await runMocha({ ...settings, args: round.args, output: round.output() });
      round.over(summary);
      total = addUp(total, summary);
    }
    return total;
  } catch (error) {
    process.stdout.write(`${explain(error)}\n`);
    return addUp(total, { passed: 0, failed: 1 });
  } finally {
    await servers?.stop();
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
}
