import { isInstalled, runProgram } from "./run-program.ts";
import { runSuite } from "./run-suite.ts";

// pnpm test:e2e: installs both charts into the cluster that KUBECONFIG leads to, into a namespace of their own, and
// tries them under load. The image of TAKINGS_IMAGE must be on the cluster's nodes, and KEDA in the cluster.

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
