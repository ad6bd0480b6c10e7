import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { explain, freePorts, projectRoot, startProcess, toolCache } from "@takings/local";

// pnpm test:stripe: runs what `takings reconcile`, `takings balance sync` and `takings endpoint` ask against Stripe's mock
// server, which is generated from Stripe's OpenAPI description and refuses parameters that are not in it. Needs Go once, to
// build the server.

const run = promisify(execFile);
const { env } = process;
const version = "v0.203.0";
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const cacheDir = join(toolCache(), `stripe-mock-${version}`);
const binary = join(cacheDir, "stripe-mock");

async function build(): Promise<void> {
  if (existsSync(binary)) return;
  say(`Building stripe-mock ${version} with Go …`);
  mkdirSync(cacheDir, { recursive: true });
  const module = `github.com/stripe/stripe-mock@${version}`;
  await run("go", ["install", module], { env: { ...env, GOBIN: cacheDir, CGO_ENABLED: "0" } });
}

let failed = 1;
let passed = 0;
try {
  await build();
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const command = { command: binary, args: ["-http-addr", `127.0.0.1:${port}`], env, cwd: cacheDir };
  const stripeMock = await startProcess({
    name: "stripe-mock",
    logFile: join(cacheDir, "log"),
    signal: "SIGTERM",
    graceMs: 5_000,
    command: () => command,
    // Any response will do: it refuses requests without a key.
    ready: { withinMs: 10_000, missing: () => fetch(url).then(() => undefined, String) },
  });
  try {
    const tests = [
      "packages/reconcile/test/against-stripe-mock.ts",
      "packages/reconcile/test/against-stripe-mock-balance.ts",
      "packages/endpoint/test/against-stripe-mock.ts",
    ];
    const { stdout } = await run(process.execPath, ["test/testkit/src/run-tests.ts", ...tests], {
      cwd: projectRoot(),
      env: { ...env, STRIPE_MOCK_URL: url },
    }).catch((error: unknown) => error as { stdout: string });
    process.stdout.write(stdout);
    const counts = /^(\d+) passed, (\d+) failed$/m.exec(stdout);
    [passed, failed] = [Number(counts?.[1] ?? 0), Number(counts?.[2] ?? 1)];
  } finally {
    await stripeMock.end();
  }
} catch (error) {
  say(`The tests with stripe-mock could not be run: ${explain(error)}`);
  say("0 passed, 1 failed");
}
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
