import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, proxyExemption, startReaper, temporaryDirectory, watchLaunchers } from "@takings/local";
import { mochaFailures } from "./mocha-failures.ts";
import { type Round, runLane } from "./run-lane.ts";
import { addUp } from "./summary.ts";
import { roundsOf, testFiles } from "./test-files.ts";

/** The tests wait about as much as they compute, so four lanes use two processors. */
const laneCount = 4;
/** Enough that lanes end at about the same time; each costs a second, in which mocha starts. */
const roundCount = 20;

// Requests to this machine bypass proxies, also those of the processes started here.
Object.assign(process.env, proxyExemption(process.env));
const { env } = process;
const reaper = startReaper();
const stopping = new AbortController();
const { signal } = stopping;
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stopping.abort());
if (env["npm_lifecycle_event"] !== undefined) watchLaunchers(() => stopping.abort());

const dir = temporaryDirectory("takings-lanes-");
const failures: string[] = [];
let roundsDone = 0;

/** A round that runs beside others: its output is printed when it has ended, so that outputs do not mix. */
function bufferedRound(args: readonly string[], index: number): Round {
  const path = join(dir, `${index}.log`);
  let log: number | undefined;
  return {
    args,
    output: () => (log = openSync(path, "w")),
    over({ failed }) {
      if (log !== undefined) closeSync(log);
      const output = readFileSync(path, "utf8");
      roundsDone += 1;
      process.stdout.write(`${output}(${roundsDone} of ${rounds.length} rounds done)\n`);
      if (failed > 0) failures.push(mochaFailures(output));
    },
  };
}

// Tests given as arguments run in one round, in order.
const requested = process.argv.slice(2);
const suite = requested[0] === "--runbooks" ? "runbooks" : "default";
const rounds: readonly Round[] =
  requested.length > 0 && suite === "default"
    ? [{ args: requested, output: () => "inherit", over: () => undefined }]
    : roundsOf(testFiles(projectRoot(), suite), roundCount).map(bufferedRound);
const shared = rounds.values();
const lanes = Array.from({ length: Math.min(laneCount, rounds.length) }, () =>
  runLane({ rounds: shared, env, reaper, signal }),
);
const { passed, failed } = (await Promise.all(lanes)).reduce(addUp);
rmSync(dir, { recursive: true, force: true });
reaper.dismiss();
for (const text of failures) process.stdout.write(`\nFailures:\n${text}`);
const interrupted = signal.aborted ? 1 : 0;
process.stdout.write(`${passed} passed, ${failed + interrupted} failed\n`);
process.exitCode = failed + interrupted === 0 && passed > 0 ? 0 : 1;
