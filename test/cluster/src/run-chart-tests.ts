import { isInstalled } from "./run-program.ts";
import { runSuite } from "./run-suite.ts";

// pnpm test:chart: renders the charts and checks the result. Requires helm and kubeconform. Tests that need
// another program are left out where it is not installed, and the run says so.

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const missing: string[] = [];
for (const program of ["helm", "kubeconform"]) if (!(await isInstalled(program))) missing.push(program);
if (missing.length > 0) {
  say(`NOT RUN: the chart tests need ${missing.join(" and ")} on the PATH.`);
  say("0 passed, 1 failed");
  process.exitCode = 1;
} else {
  for (const program of ["kube-score", "helm-docs", "python3", "tilt"])
    if (!(await isInstalled(program))) say(`LEFT OUT: tests that need ${program}, which is not on the PATH.`);
  const good = await runSuite({ folder: "chart", args: process.argv.slice(2), env: process.env, say });
  process.exitCode = good ? 0 : 1;
}
