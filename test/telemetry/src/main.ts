import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, globSync } from "node:fs";
import { delimiter, join } from "node:path";
import { projectRoot } from "@takings/local";

// pnpm test:telemetry: traces, metrics, dashboards and alerts in a real OpenTelemetry Collector, Prometheus and Jaeger.
// Each program comes from the variable named after it or from the PATH. The run fails when one is missing.

const programs = {
  PROMETHEUS: ["prometheus"],
  PROMTOOL: ["promtool"],
  OTELCOL: ["otelcol-contrib", "otelcol"],
  JAEGER: ["jaeger-all-in-one", "jaeger"],
} as const;

const found = Object.entries(programs).map(([name, commands]) => [name, find(name, commands)] as const);
const missing = found.filter(([, path]) => path === undefined).map(([name]) => name);
if (missing.length > 0) {
  for (const name of missing) {
    const commands = programs[name as keyof typeof programs].join(" or ");
    process.stdout.write(`NOT RUN: ${commands} is not on the PATH, and ${name} does not name one.\n`);
  }
  process.stdout.write("0 passed, 1 failed\n");
  process.exit(1);
}

const root = projectRoot();
const tests = globSync("test/telemetry/*.test.ts", { cwd: root }).toSorted();
const chosen = process.argv.slice(2);
const child = spawn(process.execPath, ["test/testkit/src/run-tests.ts", ...tests, ...chosen], {
  cwd: root,
  env: { ...process.env, ...Object.fromEntries(found) },
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
const [code] = await once(child, "exit");
process.exitCode = code ?? 1;

function find(name: string, commands: readonly string[]): string | undefined {
  const named = process.env[name];
  if (named !== undefined && named !== "") return isProgram(named) ? named : undefined;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return commands.flatMap((command) => folders.map((folder) => join(folder, command))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
