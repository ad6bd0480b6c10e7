import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import {
  demoAccess,
  explain,
  runDemo,
  startStack,
  stopOnSignals,
  temporaryDirectory,
  toolCache,
} from "@takings/local";
import { installSchemathesis, runSchemathesis } from "./schemathesis.ts";

// pnpm test:api: sends requests generated from the OpenAPI document to the running service, valid and invalid ones.

const { env } = process;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = 20_240_310;
const token = randomBytes(16).toString("hex");
const authorised = ["--header", `Authorization: Bearer ${token}`];
const cacheDir = toolCache();

const lists = ["--include-path-regex", "^/v1/(ledger|events)$"];
/** The runs: the whole document with JSON, and the lists with each other media type. */
const rounds = [
  { name: "JSON", options: [] },
  { name: "CSV", options: [...lists, "--header", "Accept: text/csv"] },
  { name: "NDJSON", options: [...lists, "--header", "Accept: application/x-ndjson"] },
];
/** Duration of each run; they run in parallel, because they mostly wait for responses. */
const seconds = 120;

const dir = temporaryDirectory("takings-api-");
let passed = 0;
let failed = 0;
try {
  await installSchemathesis(cacheDir, env, say);
  const ports = { INGRESS_PORT: "0", REVENUE_PORT: "0" };
  // With a token, so that requests without one are tested too.
  const stackEnv = { ...env, ...ports, API_TOKENS: token, API_TOKENS_FILE: "" };
  const stack = startStack({ dir, env: stackEnv, say });
  stopOnSignals({ ...stack, say, stopWithLaunchers: env["npm_lifecycle_event"] !== undefined }, 1);
  try {
    const access = demoAccess(await stack.started, stackEnv);
    const progress = { show: () => undefined, end: () => undefined };
    const run = randomBytes(6).toString("hex");
    if (!(await runDemo({ ...access, events: 300, seed, run, progress, say })))
      throw new Error("The events of this test were not recorded correctly.");
    const document = `${access.revenueUrl}/openapi.json`;
    const running = rounds.map(({ name, options }) => {
      const settings = { cacheDir, document, seconds, seed, options: [...authorised, ...options], env };
      return { name, result: runSchemathesis(settings) };
    });
    for (const { name, result } of running) {
      const { passed: good, output } = await result;
      say(`\n${name}:\n${output}`);
      if (good) passed += 1;
      else failed += 1;
    }
  } finally {
    await stack.stop();
  }
} catch (error) {
  say(explain(error));
  failed += 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
say(`${passed} passed, ${failed} failed`);
// The signal listeners of the stack would keep the process running.
process.exit(failed === 0 ? 0 : 1);
