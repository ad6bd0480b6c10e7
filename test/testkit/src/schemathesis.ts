import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Env } from "@takings/local";

const run = promisify(execFile);

const version = "4.32.5";

/** Checks that do not apply, each with the reason. */
const excludedChecks = [
  // Whatever fits the schema is accepted. A schema cannot express that `from` is not after `to`, the maximal number of
  // buckets of a range, that an instant is in the past, or that a cursor was issued.
  "positive_data_acceptance",
];

/** What a run depends on. */
export type SchemathesisRun = {
  /** Where it is installed, once. */
  readonly cacheDir: string;
  /** Address of the OpenAPI document. */
  readonly document: string;
  readonly seconds: number;
  readonly seed: number;
  /** Further options, such as `--header`. */
  readonly options: readonly string[];
  readonly env: Env;
};

/** Installs schemathesis into a virtual environment, once. @throws with the output of Python or pip. */
export async function installSchemathesis(
  cacheDir: string,
  env: Env,
  say: (line: string) => void,
): Promise<void> {
  const folder = folderIn(cacheDir);
  const done = join(folder, "complete");
  if (existsSync(done)) return;
  say(`Installing schemathesis ${version} from PyPI …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cacheDir, { recursive: true });
  await run("python3", ["-m", "venv", folder], { env });
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
  await run(join(folder, "bin", "python"), [...pip, `schemathesis==${version}`], { env });
  // Last, so that an interrupted installation is repeated.
  writeFileSync(done, "");
}

/** The result and the output of schemathesis. */
export type SchemathesisResult = { readonly passed: boolean; readonly output: string };

/** Runs all checks but the excluded ones; passed when there were cases and none failed. */
export async function runSchemathesis(settings: SchemathesisRun): Promise<SchemathesisResult> {
  const { cacheDir, document, seconds, seed, options, env } = settings;
  const args = [
    ["run", document, "--checks", "all", "--exclude-checks", excludedChecks.join(",")],
    ["--continue-on-failure", "--max-failures", "50", "--request-timeout", "10"],
    ["--max-time", String(seconds), "--seed", String(seed), "--generation-database", "none", "--no-color"],
    options,
  ];
  const child = spawn(join(folderIn(cacheDir), "bin", "st"), args.flat(), {
    env,
    // It reads a configuration file and writes its notes in the working directory.
    cwd: folderIn(cacheDir),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  // It also exits with 0 when the time is over before the first case.
  return { passed: code === 0 && /\b[1-9]\d* generated\b/.test(output), output };
}

function folderIn(cacheDir: string): string {
  return join(cacheDir, `schemathesis-${version}`);
}
