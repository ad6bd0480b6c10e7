import { openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, proxyExemption, startReaper, temporaryDirectory, watchStarters } from "@takings/local";
import { runLane } from "./run-lane.ts";
import { lanesOf, testFiles } from "./test-files.ts";

/** The tests wait more than they compute, so two lanes keep two processors busy. */
const laneCount = 2;

// Also for everything that is started from here: requests to this machine never go through a proxy.
Object.assign(process.env, proxyExemption(process.env));
const { env } = process;
const reaper = startReaper();
const stopping = new AbortController();
const { signal } = stopping;
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stopping.abort());
if (env["npm_lifecycle_event"] !== undefined) watchStarters(() => stopping.abort());

// Whoever asks for some of the tests gets them in one lane, in order.
const asked = process.argv.slice(2);
const lanes = asked.length > 0 ? [asked] : lanesOf(testFiles(projectRoot()), laneCount);
const dir = temporaryDirectory("takings-lanes-");
const logOf = (lane: number): string => join(dir, `${lane}.log`);
// One lane shows its progress; what the others said follows when it is done.
const running = lanes.map((args, lane) => {
  const output = lane === 0 ? "inherit" : openSync(logOf(lane), "w");
  return runLane({ args, env, reaper, signal, output });
});
let [passed, failed] = [0, 0];
for (const [lane, ending] of running.entries()) {
  const summary = await ending;
  if (lane > 0) process.stdout.write(readFileSync(logOf(lane)));
  passed += summary.passed;
  failed += summary.failed;
}
rmSync(dir, { recursive: true, force: true });
reaper.dismiss();
if (signal.aborted) failed += 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
