import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { projectRoot } from "@takings/local";
import { findChromium } from "./find-chromium.ts";

// pnpm test:browser: the page for people in Chromium. With --screenshots DIR it also writes pictures of the main views there.

// All other arguments are mocha's.
const args = process.argv.slice(2);
const at = args.indexOf("--screenshots");
const [, screenshots] = at === -1 ? [] : args.splice(at, 2);
const chromium = findChromium(process.env);
if (chromium === undefined) {
  process.stdout.write(
    "NOT TESTED: the page for people, because CHROMIUM names no program and none is on the PATH.\n",
  );
  process.stdout.write("0 passed, 0 failed\n");
  process.exit(0);
}

const root = projectRoot();
const files = (pattern: string): string[] => globSync(`test/browser/${pattern}`, { cwd: root }).toSorted();
const tests = screenshots === undefined ? files("*.test.ts") : files("src/screenshots.ts");
const child = spawn(process.execPath, ["test/testkit/src/run-tests.ts", ...tests, ...args], {
  cwd: root,
  env: {
    ...process.env,
    CHROMIUM: chromium,
    ...(screenshots !== undefined && { SCREENSHOTS: resolve(process.env["INIT_CWD"] ?? ".", screenshots) }),
  },
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
const [code] = await once(child, "exit");
process.exitCode = code ?? 1;
