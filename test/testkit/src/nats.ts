import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type Child,
  endProcess,
  freezeProcess,
  freePorts,
  isOk,
  lastLines,
  natsCommand,
  type NatsSettings,
  natsUrl,
  signalProcess,
  startChild,
} from "@takings/local";
import type { NatsUser } from "@takings/nats/permissions";
import { testVariable } from "./test-variable.ts";
import { untilUp } from "./test-servers.ts";

/** A nats-server of one test's own; it keeps its address and its data when it is stopped and started again. */
export interface TestNats {
  readonly urls: Readonly<Record<NatsUser, string>>;
  readonly monitorUrl: string;
  /** Where it keeps its streams. */
  readonly storeDir: string;
  pid(): number;
  /** Up again after `stop` or `kill`. */
  start(): Promise<void>;
  /** Ends it cleanly. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** It holds its connections but answers nothing until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends it and throws its data away. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How a test's server may differ from that of the local run. */
export type TestNatsOptions = Pick<NatsSettings, "maxFileStoreBytes" | "rewrite"> & {
  /** Where it stores, instead of the run's own directory. */
  readonly parent?: string;
};

/** Starts a nats-server with the configuration of the local run, and no stream. */
export async function testNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const { parent = testVariable("TEST_DIR"), ...different } = options;
  const dir = mkdtempSync(join(parent, "nats-"));
  mkdirSync(join(dir, "store"));
  const passwords = {
    admin: "test_admin",
    ingress: "test_ingress",
    consumer: "test_consumer",
    purger: "test_purger",
    reconcile: "test_reconcile",
  };
  const { settings, child: first } = await launchAnywhere({ dir, passwords, ...different });
  let child = first;

  async function end(signal: NodeJS.Signals): Promise<void> {
    signalProcess(child, "SIGCONT");
    await endProcess({ ...child, name: "nats-server", signal }, 5_000);
    await child.ended;
  }
  async function start(): Promise<void> {
    if (child.hasEnded()) child = await launch(settings);
  }
  async function close(): Promise<void> {
    await end("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  }
  return {
    urls: urlsOf(settings),
    monitorUrl: monitorUrlOf(settings),
    storeDir: join(dir, "store"),
    pid: () => child.pid,
    start,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async restart() {
      await end("SIGTERM");
      await start();
    },
    pause: () => freezeProcess(child),
    resume: () => signalProcess(child, "SIGCONT"),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Between the choice of a port and its use another server may take it, as tests run beside each other. */
async function launchAnywhere(
  wanted: Omit<NatsSettings, "port" | "monitorPort">,
  attempts = 3,
): Promise<{ readonly settings: NatsSettings; readonly child: Child }> {
  const [port = 0, monitorPort = 0] = await freePorts(2);
  const settings = { ...wanted, port, monitorPort };
  try {
    return { settings, child: await launch(settings) };
  } catch (error) {
    if (attempts > 1) return launchAnywhere(wanted, attempts - 1);
    throw new Error(`${String(error)}\n${lastLines(join(wanted.dir, "nats.log"), 5)}`, { cause: error });
  }
}

// It stays in the group of the test process, which the test run ends as a whole: no test leaves a server behind.
async function launch(settings: NatsSettings): Promise<Child> {
  const command = natsCommand(testVariable("TEST_NATS_SERVER"), settings);
  const child = await startChild(
    { ...command, sharesGroup: true },
    { logFile: join(settings.dir, "nats.log") },
  );
  await untilUp("nats-server", child, () => isOk(`${monitorUrlOf(settings)}/healthz`));
  return child;
}

function monitorUrlOf(settings: NatsSettings): string {
  return `http://127.0.0.1:${settings.monitorPort}`;
}

function urlsOf(settings: NatsSettings): Record<NatsUser, string> {
  return {
    admin: natsUrl(settings, "admin"),
    ingress: natsUrl(settings, "ingress"),
    consumer: natsUrl(settings, "consumer"),
    purger: natsUrl(settings, "purger"),
    reconcile: natsUrl(settings, "reconcile"),
  };
}
