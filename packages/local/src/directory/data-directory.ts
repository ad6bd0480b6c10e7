import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode, LocalFailure } from "../failure.ts";
import { hasCluster } from "../postgres/has-cluster.ts";
import { hasSecrets } from "./secrets.ts";

const marker = "takings-data";
const markerText =
  "Takings keeps the data of a local run in this folder; `start --fresh` removes postgres, nats, logs and secrets.json.\n";

/** What `--fresh` removes. */
const data = ["postgres", "nats", "logs", "secrets.json"];
/** What else a run makes here. */
const notes = ["run.json", "settings.json", "processes.json", "lock", marker];
/** What systems put into folders by themselves. */
const systemEntries = ["lost+found", ".DS_Store"];

/**
 * Makes the folder where there is none, and marks it as ours. A folder that exists keeps its mode, and has to be ours
 * or empty: what lies in it may otherwise be somebody's own. Throws a LocalFailure that says what to do.
 */
export function claimDirectory(dir: string): void {
  try {
    const made = mkdirSync(dir, { recursive: true });
    // PostgreSQL, when it may not run as root, runs as another user and has to pass through here.
    if (made !== undefined) chmodSync(dir, process.getuid?.() === 0 ? 0o711 : 0o700);
    if (!isMarked(dir)) mark(dir);
  } catch (cause) {
    if (cause instanceof LocalFailure) throw cause;
    throw new LocalFailure(
      `${dir} cannot be used (${errorCode(cause) ?? String(cause)}): set TAKINGS_DIR to a folder that this user may make and write to, on a disk with room.`,
      { cause },
    );
  }
}

/** Removes the data of earlier runs and nothing else. */
export function emptyDirectory(dir: string): void {
  for (const name of data) rmSync(join(dir, name), { recursive: true, force: true });
}

function mark(dir: string): void {
  const found = readdirSync(dir).filter((name) => !systemEntries.includes(name));
  // Looked at again: another start may have come first.
  if (found.length > 0 && !isMarked(dir) && !isOfEarlierVersion(dir, found)) {
    throw new LocalFailure(
      `${dir} is not empty, and no run of Takings made it: set TAKINGS_DIR to a folder that is empty or does not exist yet.`,
    );
  }
  try {
    writeFileSync(join(dir, marker), markerText, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

function isMarked(dir: string): boolean {
  return existsSync(join(dir, marker));
}

// Versions without the marker left nothing but their own files, the passwords among them.
function isOfEarlierVersion(dir: string, found: readonly string[]): boolean {
  const areOurs = found.every((name) => data.includes(name) || notes.includes(name) || isTransient(name));
  return areOurs && hasSecrets(dir) && (!found.includes("postgres") || hasCluster(join(dir, "postgres")));
}

// A claim or a note of ours on its way.
function isTransient(name: string): boolean {
  return /^(?:lock|run\.json|processes\.json|secrets\.json)\.\d+/.test(name);
}
