import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, proxyExemption, startReaper, temporaryDirectory, watchLaunchers } from "@takings/local";
import { mochaFailures } from "./mocha-failures.ts";
import { type Round, runLane } from "./run-lane.ts";
import { addUp } from "./summary.ts";
import { roundsOf, testFiles } from "./test-files.ts";

/** The tests wait about as much as they compute, so three lanes keep two processors busy. */
const laneCount = 3;
/** So many that no lane is long alone at the end; each costs the second in which mocha starts. */
const roundCount = 18;

// Also for everything that is started from here: requests to this machine never go through a proxy.
Object.assign(process.env, proxyExemption(process.env));
const { env } = process;
const reaper = startReaper();
const stopping = new AbortController();
const { signal } = stopping;
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stopping.abort());
if (env["npm_lifecycle_event"] !== undefined) watchLaunchers(() => stopping.abort());

const dir = temporaryDirectory("takings-lanes-");
const failures: string[] = [];
let roundsOver = 0;

/** A round beside others: what it says is shown when it is over, so that nothing comes in between. */
function besideOthers(args: readonly string[], index: number): Round {
  const path = join(dir, `${index}.log`);
  let log: number | undefined;
  return {
    args,
    output: () => (log = openSync(path, "w")),
    over({ failed }) {
      if (log !== undefined) closeSync(log);
      const said = readFileSync(path, "utf8");
      roundsOver += 1;
      process.stdout.write(`${said}(${roundsOver} of ${rounds.length} rounds are over)\n`);
      if (failed > 0) failures.push(mochaFailures(said));
    },
  };
}

// Whoever asks for some of the tests gets them in one round, in order.
const asked = process.argv.slice(2);
const rounds: readonly Round[] =
  asked.length > 0
    ? [{ args: asked, output: () => "inherit", over: () => undefined }]
    : roundsOf(testFiles(projectRoot()), roundCount).map(besideOthers);
const shared = rounds.values();
const lanes = Array.from({ length: Math.min(laneCount, rounds.length) }, () =>
  runLane({ rounds: shared, env, reaper, signal }),
);
const { passed, failed } = (await Promise.all(lanes)).reduce(addUp);
rmSync(dir, { recursive: true, force: true });
reaper.dismiss();
for (const text of failures) process.stdout.write(`\nWhat failed, once more:\n${text}`);
const interrupted = signal.aborted ? 1 : 0;
process.stdout.write(`${passed} passed, ${failed + interrupted} failed\n`);
process.exitCode = failed + interrupted === 0 && passed > 0 ? 0 : 1;
