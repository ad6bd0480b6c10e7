import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { HarnessOptions } from "../harness.ts";
import { isAlive } from "../probes.ts";
import type { SupervisedProcess } from "../supervised-process.ts";
import { replicaOf, sleep, sleepRandomly } from "./steps.ts";

const openFiles = 128;
const sockets = 500;
const probes = 6;
const probePauseMs = 300;

/** Opens more connections than a process has descriptors; it must stay alive, and serve others as soon as it can. */
async function useUpByClients(context: CaseContext): Promise<void> {
  const { harness, reportViolation } = context;
  const { process, adminUrl, directUrl } = replicaOf(harness.ingresses, context);
  const port = Number(new URL(directUrl).port);
  const idle = Array.from({ length: sockets }, () => openIdle(port));
  for (let probe = 0; probe < probes; probe += 1) {
    await sleep(probePauseMs);
    if (!(await isAlive(adminUrl)))
      reportViolation("LIVE", `/livez failed while ${sockets} clients are connected`);
  }
  for (const socket of idle) socket.destroy();
  context.healed();
  if (process.starts() !== 1) reportViolation("LIVE", "ingress ended because of its open files");
  if (!readFileSync(process.logFile, "utf8").includes("open_files_limited"))
    reportViolation("LIVE", "the log does not say that open files are limited");
}

function openIdle(port: number): Socket {
  return connect({ port, host: "127.0.0.1" })
    .on("error", () => undefined)
    .resume();
}

/** Fewer than any process has open, so that it can open nothing, and replace only its oldest ones. */
const fewestFiles = 16;
const exhaustedMs = 2_000;

/** Takes the free descriptors of a process until `restore`. */
function takeDescriptors(process: SupervisedProcess): { restore(): void } {
  const pid = String(process.pid());
  // Only its own user may limit a process.
  const { uid, gid } = statSync(`/proc/${pid}`);
  const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
  const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(limits) ?? [];
  const limit = (files: string | number | undefined): unknown =>
    execFileSync("prlimit", ["--pid", pid, `--nofile=${files}:${hard}`], { uid, gid });
  limit(fewestFiles);
  return { restore: () => void limit(soft) };
}

/** Uses up the descriptors of processes, cuts their connections, and gives descriptors back after a while. */
async function useUp(context: CaseContext, ...processes: readonly SupervisedProcess[]): Promise<void> {
  await sleepRandomly(context, 200, 500);
  const limited = processes.map(takeDescriptors);
  for (const proxy of context.harness.proxies()) proxy.cut();
  await sleep(exhaustedMs);
  for (const { restore } of limited) restore();
  context.healed();
}

const fewFiles: HarnessOptions = {
  wrappers: { "ingress-0": ["prlimit", `--nofile=${openFiles}:${openFiles}`] },
};

/** Processes run out of file descriptors. */
export const exhaustionCases: readonly FaultCase[] = [
  {
    title: "file descriptors of ingress used up by clients",
    numbers: [8],
    fault: `${sockets} connections to an ingress that may open ${openFiles} files`,
    expectation:
      "connections beyond its limit are closed, /livez is answered, and the log says what to raise",
    harness: fewFiles,
    cycle: useUpByClients,
  },
  {
    title: "file descriptors of services and servers used up",
    numbers: [8],
    fault:
      "no descriptor is free in turn at consumer and revenue-query, at ingress, at NATS and at PostgreSQL, and connections are cut",
    expectation: "everything reconnects when descriptors are free again",
    cycles: 4,
    harness: { consumers: 2 },
    async cycle(context) {
      const { servers, ingresses, consumers, query } = context.harness;
      const clients = [...consumers, query].map(({ process }) => process);
      const groups = [clients, ingresses.map(({ process }) => process), [servers.nats], [servers.postgres]];
      await useUp(context, ...replicaOf(groups, context));
    },
  },
];

/** The same with an ingress that accepts connections whatever it can open. */
export const exhaustionBrokenBuild: FaultCase = {
  title: "accepts connections without regard to open files",
  numbers: [8],
  fault: `${sockets} connections to an ingress that may open ${openFiles} files`,
  harness: { ...fewFiles, broken: { ingress: "ignores-open-files" } },
  expectedViolation: "LIVE",
  cycle: useUpByClients,
};
