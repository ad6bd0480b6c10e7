import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  freePorts,
  natsMonitorUrl,
  natsProcess,
  type NatsSettings,
  natsUrls,
  type RunningProcess,
  signalProcess,
  startProcess,
} from "@takings/local";
import type { NatsUser } from "@takings/nats/permissions";
import { freezeProcess } from "./freeze-process.ts";
import { testVariable } from "./test-variable.ts";

/** A nats-server of one test's own; it keeps its address and its data when it is restarted. */
export interface TestNats {
  readonly urls: Readonly<Record<NatsUser, string>>;
  readonly monitorUrl: string;
  /** Directory of its streams. */
  readonly storeDir: string;
  pid(): number;
  /** Starts it again after `stop` or `kill`. */
  start(): Promise<void>;
  /** Ends it cleanly. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** It keeps its connections but does not respond until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends it and deletes its data. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How a test's server may differ from that of the local run. */
export type TestNatsOptions = Pick<NatsSettings, "maxFileStoreBytes" | "rewrite"> & {
  /** Directory of its data; the run's own unless the test needs another. */
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
  const { settings, process: first } = await startOnFreePorts({ dir, passwords, ...different });
  let process = first;

  async function end(signal: NodeJS.Signals): Promise<void> {
    signalProcess(process, "SIGCONT");
    await process.end(signal);
  }
  async function start(): Promise<void> {
    if (process.hasEnded()) process = await launch(settings);
  }
  async function close(): Promise<void> {
    await end("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  }
  return {
    urls: natsUrls(settings),
    monitorUrl: natsMonitorUrl(settings),
    storeDir: join(dir, "store"),
    pid: () => process.pid,
    start,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async restart() {
      await end("SIGTERM");
      await start();
    },
    pause: () => freezeProcess(process),
    resume: () => signalProcess(process, "SIGCONT"),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Tests run beside each other, so another server may take a port between its choice and its use: tried three times. */
async function startOnFreePorts(
  wanted: Omit<NatsSettings, "port" | "monitorPort">,
  attempts = 3,
): Promise<{ readonly settings: NatsSettings; readonly process: RunningProcess }> {
  const [port = 0, monitorPort = 0] = await freePorts(2);
  const settings = { ...wanted, port, monitorPort };
  try {
    return { settings, process: await launch(settings) };
  } catch (error) {
    if (attempts === 1) throw error;
    return startOnFreePorts(wanted, attempts - 1);
  }
}

// It stays in the group of the test process, which the test run ends as a whole: no test leaves a server behind.
function launch(settings: NatsSettings): Promise<RunningProcess> {
  const logFile = join(settings.dir, "nats.log");
  return startProcess(natsProcess(testVariable("TEST_NATS_SERVER"), settings, logFile), {
    sharesGroup: true,
  });
}
