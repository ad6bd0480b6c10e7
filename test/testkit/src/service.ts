import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Child,
  type Env,
  isOk,
  launch,
  nodeCommand,
  type ProcessDefinition,
  programArguments,
  type ServiceName,
  startProcess,
} from "@takings/local";
import { eventually } from "./eventually.ts";
import { testVariable } from "./test-variable.ts";

/** One line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A service as a process of its own, run as in production: with tracing preloaded. */
export interface TestService extends AsyncDisposable {
  /** Its public address; only of use for a service that has one. */
  readonly url: string;
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Everything that it has written so far, to stdout or stderr. */
  output(): string;
  /** Its log so far. */
  lines(): readonly LogLine[];
  /** Resolves once its readiness probe succeeds. */
  ready(): Promise<void>;
  /** Sends it a signal; resolves with its exit code, or with the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  isRunning(): boolean;
}

/** What a start may change. */
export type ServiceOptions = {
  /** Runs instead of the service's own main file; relative to the project's root. */
  readonly main?: string;
  /** Directory of its log; that of the test run unless given. */
  readonly dir?: string;
};

const startWithinMs = 60_000;

/** Runs a service with this environment and nothing else of the test's; resolves once it listens. */
export async function startService(
  name: ServiceName,
  env: Env,
  options: ServiceOptions = {},
): Promise<TestService> {
  const definition = definitionOf(name, env, options);
  const output = (): string => readFileSync(definition.logFile, "utf8");
  const lines = (): LogLine[] => readLog(output());
  const listening = (): LogLine | undefined => lines().find(({ admin_port }) => admin_port !== undefined);
  const missing = async (): Promise<string | undefined> =>
    listening() === undefined ? "it does not listen yet" : undefined;
  // In the group of the test process, which the test run ends as a whole.
  const process = await startProcess(
    { ...definition, ready: { withinMs: startWithinMs, missing } },
    { sharesGroup: true },
  );
  const end = async (signal: NodeJS.Signals): Promise<number | NodeJS.Signals> => {
    await process.end(signal);
    return exitOf(process);
  };
  const line = listening();
  const port = Number(line?.["port"] ?? 0);
  const adminUrl = `http://127.0.0.1:${Number(line?.["admin_port"])}`;
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl,
    port,
    pid: process.pid,
    output,
    lines,
    ready: async () =>
      void (await eventually(`${name} to be ready`, () => isOk(`${adminUrl}/readyz`), 30_000)),
    end,
    isRunning: () => !process.hasEnded(),
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

/** Runs a service that is expected to end by itself. */
export async function runService(
  name: ServiceName,
  env: Env,
): Promise<{ readonly code: number | NodeJS.Signals; readonly output: string }> {
  const definition = definitionOf(name, env, {});
  const child = await launch(definition, { sharesGroup: true });
  const timer = setTimeout(() => process.kill(child.pid, "SIGKILL"), startWithinMs);
  await child.ended;
  clearTimeout(timer);
  return { code: await exitOf(child), output: readFileSync(definition.logFile, "utf8") };
}

function definitionOf(
  name: ServiceName,
  env: Env,
  { main = `services/${name}/src/main.ts`, dir = testVariable("TEST_DIR") }: ServiceOptions,
): ProcessDefinition {
  // Ports of the system's choice, and none of the variables that happen to be set around the tests.
  const own = { PATH: process.env["PATH"], HOST: "127.0.0.1", PORT: "0", ADMIN_PORT: "0", ...env };
  const command = nodeCommand(programArguments(main), own);
  const logFile = join(dir, `${name}-${randomBytes(4).toString("hex")}.log`);
  return { name, logFile, signal: "SIGTERM", graceMs: startWithinMs, command: () => command };
}

/** The exit code of a process that has ended, or the signal that ended it. */
async function exitOf({ ended }: Child): Promise<number | NodeJS.Signals> {
  const how = await ended;
  const [, code] = /^exit code (\d+)$/.exec(how) ?? [];
  return code === undefined ? (how as NodeJS.Signals) : Number(code);
}

function readLog(output: string): LogLine[] {
  const whole = output.slice(0, output.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);
}
