import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { HarnessOptions } from "../harness.ts";
import { isAlive } from "../probes.ts";
import type { Servers } from "../servers.ts";
import type { Consumer, Ingress, Query } from "../services.ts";
import type { SupervisedProcess } from "../supervised-process.ts";
import { replicaOf, sleep, sleepRandomly } from "./steps.ts";

const openFiles = 128;
/** Ingress may use half of its open files for clients when the limit is this low. */
const acceptedAtMost = openFiles / 2;
const sockets = 500;
const probes = 6;
const probePauseMs = 300;

/** Opens more connections than a process has descriptors; it must stay alive. Returns how many it left open. */
async function useUpByClients(context: CaseContext): Promise<number> {
  const { harness, reportViolation } = context;
  const { process, adminUrl, directUrl } = replicaOf(harness.ingresses, context);
  const port = Number(new URL(directUrl).port);
  const idle = Array.from({ length: sockets }, () => openIdle(port));
  for (let probe = 0; probe < probes; probe += 1) {
    await sleep(probePauseMs);
    if (!(await isAlive(adminUrl)))
      reportViolation("LIVE", `/livez failed while ${sockets} clients are connected`);
  }
  const open = idle.filter(({ closed }) => !closed).length;
  for (const socket of idle) socket.destroy();
  context.healed();
  if (process.starts() !== 1) reportViolation("LIVE", "ingress ended because of its open files");
  return open;
}

/** Besides, ingress must close what it cannot serve, and say in its log what to raise. */
async function limitClients(context: CaseContext): Promise<void> {
  const { reportViolation, harness } = context;
  const { process } = replicaOf(harness.ingresses, context);
  const open = await useUpByClients(context);
  if (open > acceptedAtMost)
    reportViolation("BOUND", `${open} of ${sockets} connections were open, ${acceptedAtMost} are allowed`);
  if (!readFileSync(process.logFile, "utf8").includes("open_files_limited"))
    reportViolation("LIVE", "the log does not say that open files are limited");
}

function openIdle(port: number): Socket {
  return connect({ port, host: "127.0.0.1" })
    .on("error", () => undefined)
    .resume();
}

/** The standard streams. A process with this limit keeps what is open, and can open nothing, whatever it closes. */
const fewestFiles = 3;
const exhaustedMs = 2_000;
const answerWithinMs = 1_500;

/** A process whose descriptors are used up, and how to see that it accepts connections. */
type Target = {
  readonly process: SupervisedProcess;
  readonly port: number;
  /** The server answers these bytes, or sends something by itself. */
  readonly greeting: Buffer;
};

/** Takes the free descriptors of a process until `restore`. */
function takeDescriptors({ process }: Target): { restore(): void } {
  const pid = String(process.pid());
  // Only its own user may limit a process.
  const { uid, gid } = statSync(`/proc/${pid}`);
  const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
  const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(limits) ?? [];
  const limit = (of: string, files: string | number | undefined): unknown =>
    execFileSync("prlimit", ["--pid", of, `--nofile=${files}:${hard}`], { uid, gid });
  limit(pid, fewestFiles);
  return {
    restore() {
      limit(pid, soft);
      // A process forked meanwhile, as a worker of PostgreSQL, has inherited the limit.
      for (const child of childrenOf(pid)) if (isLimited(child)) limit(child, soft);
    },
  };
}

function childrenOf(pid: string): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
}

function isLimited(pid: string): boolean {
  const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
  return new RegExp(`^Max open files +${fewestFiles} `, "m").test(limits);
}

/** Whether a new connection gets an answer. The kernel alone opens it even where the process cannot. */
async function answers({ port, greeting }: Target): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    socket.write(greeting);
    return await new Promise<boolean>((resolve) => {
      socket.once("data", () => resolve(true));
      for (const event of ["close", "error", "timeout"]) socket.once(event, () => resolve(false));
      socket.setTimeout(answerWithinMs);
    });
  } finally {
    socket.destroy();
  }
}

/** Uses up the descriptors of processes, cuts their connections, and gives descriptors back after a while. */
async function useUp(context: CaseContext, ...targets: readonly Target[]): Promise<void> {
  await sleepRandomly(context, 200, 500);
  await Promise.all(targets.map((target) => mustAnswer(target, true)));
  const limited = targets.map(takeDescriptors);
  try {
    for (const proxy of context.harness.proxies()) proxy.cut();
    await sleep(exhaustedMs);
    await Promise.all(targets.map((target) => mustAnswer(target, false)));
  } finally {
    for (const { restore } of limited) restore();
  }
  context.healed();
}

async function mustAnswer(target: Target, wanted: boolean): Promise<void> {
  if ((await answers(target)) === wanted) return;
  const { name } = target.process;
  throw new Error(
    wanted
      ? `${name} answers no connection before the fault`
      : `${name} still answers connections, so the fault was not injected`,
  );
}

/** A request for encryption, which PostgreSQL answers with one letter: its protocol, "SSLRequest". */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

function serviceTarget({ process, adminUrl }: Ingress | Consumer | Query): Target {
  const greeting = Buffer.from("GET /livez HTTP/1.0\r\n\r\n");
  return { process, port: Number(new URL(adminUrl).port), greeting };
}

function serverTargets({ nats, natsSettings, postgres, postgresSettings }: Servers): Target[] {
  return [
    { process: nats, port: natsSettings.port, greeting: Buffer.alloc(0) },
    { process: postgres, port: postgresSettings.port, greeting: sslRequest },
  ];
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
    cycle: limitClients,
  },
  {
    title: "file descriptors of services and servers used up",
    numbers: [8],
    fault:
      "no descriptor is free in turn at consumer and revenue-query, at ingress, at NATS and at PostgreSQL, and connections are cut",
    expectation: "everything reconnects when descriptors are free again",
    cycles: 4,
    // A connection that no process can accept meanwhile is the kernel's; ingress has its time from there on.
    answersWithinMs: exhaustedMs + answerWithinMs + 10_000,
    harness: { consumers: 2 },
    async cycle(context) {
      const { servers, ingresses, consumers, query } = context.harness;
      const clients = [...consumers, query].map(serviceTarget);
      const groups = [clients, ingresses.map(serviceTarget), ...serverTargets(servers).map((one) => [one])];
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
  async cycle(context) {
    await useUpByClients(context);
  },
};
