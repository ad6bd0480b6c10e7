import { rmSync } from "node:fs";
import {
  type Env,
  explain,
  findNatsServer,
  projectRoot,
  type Reaper,
  temporaryDirectory,
} from "@takings/local";
import { type MochaOutput, runMocha } from "./run-mocha.ts";
import { addUp, type Summary } from "./summary.ts";
import { fastParameters, startPostgres, type StartedPostgres } from "./start-postgres.ts";
import { createTemplate } from "./template-database.ts";

/** Arguments of mocha, including test files, and its output. */
export interface Round {
  readonly args: readonly string[];
  /** Opened when the round starts. */
  output(): MochaOutput;
  /** Called when the round has ended. */
  over(summary: Summary): void;
}

/** Rounds of tests, run one after the other with a PostgreSQL server that no other lane uses. */
export interface Lane {
  /** Shared by all lanes: each takes the next round. */
  readonly rounds: Iterable<Round>;
  readonly env: Env;
  readonly reaper: Reaper;
  readonly signal: AbortSignal;
}

/** Starts a PostgreSQL server, runs rounds until none is left and ends the server. Never rejects. */
export async function runLane({ rounds, env, reaper, signal }: Lane): Promise<Summary> {
  let dir: string | undefined;
  let postgres: StartedPostgres | undefined;
  let total: Summary = { passed: 0, failed: 0 };
  try {
    dir = temporaryDirectory("takings-test-");
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    const natsServer = await findNatsServer({ env, say });
    const parameters = { ...fastParameters, max_connections: "200" };
    postgres = await startPostgres(dir, { parameters, reaper });
    const failure = await createTemplate(postgres.settings, env).then(() => undefined, explain);
    if (failure !== undefined) say(`The migrations failed: ${failure}`);
    const testVariables = {
      TEST_DIR: dir,
      TEST_SECRETS: JSON.stringify(postgres.settings.secrets),
      TEST_POSTGRES_PORT: String(postgres.settings.port),
      TEST_NATS_SERVER: natsServer,
      ...(failure !== undefined && { TEST_TEMPLATE_ERROR: failure }),
    };
    const settings = { root: projectRoot(), dir, env: { ...env, ...testVariables }, reaper, signal };
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
    await postgres?.process.end("SIGQUIT");
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
}
