import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Env, eventually, nodeCommand, serviceArguments } from "@takings/local";

/** One line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A service as a process of its own, run as in production: with tracing preloaded. */
export interface TestService extends AsyncDisposable {
  /** Where it serves; only of use for a service that does. */
  readonly url: string;
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Everything that it has written so far, to either output. */
  output(): string;
  /** Its log so far. */
  lines(): readonly LogLine[];
  /** Sends it a signal; resolves with its exit code, or with the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  isRunning(): boolean;
}

const startWithinMs = 60_000;

/**
 * Runs a service with this environment and nothing else of the test's; resolves once it listens.
 * @param main what is run in the place of the service's own main file, relative to the project's root.
 */
export async function startService(name: string, env: Env, main = mainOf(name)): Promise<TestService> {
  const { child, output } = launch(main, env);
  const lines = (): LogLine[] => readLog(output());
  const started = await eventually(
    `${name} to listen`,
    () => {
      if (child.exitCode !== null) return { failure: output() };
      const line = lines().find(({ admin_port }) => admin_port !== undefined);
      return line && { line };
    },
    startWithinMs,
  );
  if ("failure" in started) throw new Error(`${name} ended at its start:\n${started.failure}`);
  const end = async (signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "close");
      child.kill(signal);
      await gone;
    }
    return child.exitCode ?? child.signalCode;
  };
  const port = Number(started.line["port"] ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${Number(started.line["admin_port"])}`,
    port,
    pid: child.pid ?? 0,
    output,
    lines,
    end,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

/** Runs a service that is expected to end by itself. */
export async function runService(
  name: string,
  env: Env,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { child, output } = launch(mainOf(name), env);
  const timer = setTimeout(() => child.kill("SIGKILL"), startWithinMs);
  await once(child, "close");
  clearTimeout(timer);
  return { code: child.exitCode, output: output() };
}

function mainOf(name: string): string {
  return `services/${name}/src/main.ts`;
}

function launch(main: string, env: Env): { child: ReturnType<typeof spawn>; output: () => string } {
  // Ports of the system's choice, and none of the variables that happen to be set around the tests.
  const own = { PATH: process.env["PATH"], HOST: "127.0.0.1", PORT: "0", ADMIN_PORT: "0", ...env };
  const { command, args, ...options } = nodeCommand([...serviceArguments, main], own);
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

function readLog(output: string): LogLine[] {
  const whole = output.slice(0, output.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);
}
