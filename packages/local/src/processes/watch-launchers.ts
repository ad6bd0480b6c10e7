import { basename } from "node:path";
import { commandOf, parentOf, type ProcessIdentity, seemsAlive, startOf } from "./process-identity.ts";

const pollMs = 100;
const packageManagers = /^(?:npm|npx|npm-cli|npx-cli|pnpm|pnpx|yarn|corepack)$/;
const shells = /^-?(?:sh|bash|dash|zsh|ksh|busybox)$/;

/**
 * Calls `onEnd` once when one of the package managers that started this process, or a shell between, has ended:
 * `npx pnpm start` is a chain of processes, and a signal to its head does not reach its end.
 */
export function watchLaunchers(onEnd: () => void): void {
  const launchers = findLaunchers();
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent && launchers.every(seemsAlive)) return;
    clearInterval(timer);
    onEnd();
  }, pollMs);
  timer.unref();
}

// Up to the topmost package manager and no further: the shell of the terminal may end earlier.
function findLaunchers(): readonly ProcessIdentity[] {
  const chain: ProcessIdentity[] = [];
  let topmost = 0;
  for (let pid: number | undefined = process.ppid; pid !== undefined && pid > 1; pid = parentOf(pid)) {
    const kind = kindOf(pid);
    const started = startOf(pid);
    if (kind === "other" || started === undefined) break;
    chain.push({ pid, started });
    if (kind === "package manager") topmost = chain.length;
  }
  return chain.slice(0, topmost);
}

function kindOf(pid: number): "package manager" | "shell" | "other" {
  // A package manager may show as itself, or as node with the package manager's script.
  const words = commandOf(pid)
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => basename(word).replace(/\.[cm]?js$/, ""));
  if (words.some((word) => packageManagers.test(word))) return "package manager";
  return shells.test(words[0] ?? "") ? "shell" : "other";
}
