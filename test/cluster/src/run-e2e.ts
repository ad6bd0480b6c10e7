import { isInstalled, runProgram } from "./run-program.ts";
import { runSuite } from "./run-suite.ts";

// pnpm test:e2e: installs both charts into a namespace of the cluster that KUBECONFIG names and tests them under load.
// The nodes must have the image TAKINGS_IMAGE, and KEDA must be installed.

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const missing: string[] = [];
for (const program of ["kubectl", "helm"]) if (!(await isInstalled(program))) missing.push(program);
if (missing.length === 0) {
  const crd = ["get", "crd", "scaledobjects.keda.sh", "--request-timeout=10s"];
  const { code, stderr } = await runProgram("kubectl", crd);
  if (code !== 0) missing.push(`a cluster with KEDA (${stderr.trim()})`);
}
if (missing.length > 0) {
  say(`NOT RUN: the tests on Kubernetes need ${missing.join(" and ")}.`);
  say("0 passed, 1 failed");
  process.exitCode = 1;
} else {
  const good = await runSuite({ folder: "e2e", args: process.argv.slice(2), env: process.env, say });
  process.exitCode = good ? 0 : 1;
}
