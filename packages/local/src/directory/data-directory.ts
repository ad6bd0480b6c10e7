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
/** Other files of a run. */
const notes = ["run.json", "settings.json", "processes.json", "lock", marker];
/** Files that systems create in folders by themselves. */
const systemEntries = ["lost+found", ".DS_Store"];

/**
 * Creates the folder if it does not exist, and marks it as a data directory. An existing one keeps its mode, and must be
 * marked or empty, because it may hold other files of the user. Throws a LocalFailure that says what to do.
 */
export function claimDirectory(dir: string): void {
  try {
    const made = mkdirSync(dir, { recursive: true });
    // When this is root, PostgreSQL runs as another user, who has to pass through this folder.
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

/** Deletes the data of earlier runs and nothing else. */
export function emptyDirectory(dir: string): void {
  for (const name of data) rmSync(join(dir, name), { recursive: true, force: true });
}

function mark(dir: string): void {
  const found = readdirSync(dir).filter((name) => !systemEntries.includes(name));
  // Checked again: another start may have marked it meanwhile.
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

// Earlier versions had no marker; their directories hold only files of a run, passwords included.
function isOfEarlierVersion(dir: string, found: readonly string[]): boolean {
  const areOurs = found.every((name) => data.includes(name) || notes.includes(name) || isTransient(name));
  return areOurs && hasSecrets(dir) && (!found.includes("postgres") || hasCluster(join(dir, "postgres")));
}

// A lock or a file that is being written.
function isTransient(name: string): boolean {
  return /^(?:lock|run\.json|processes\.json|secrets\.json)\.\d+/.test(name);
}
