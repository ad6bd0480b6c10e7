import { readdirSync, readFileSync } from "node:fs";
import type { Violation } from "./invariants.ts";
import type { Part } from "./part.ts";

/** The most that a service ever held. */
type Peak = { memoryBytes: number; openFiles: number };

export type Peaks = ReadonlyMap<string, Readonly<Peak>>;

export type PeakWatch = { readonly peaks: Peaks; stop(): void };

const everyMs = 250;

/** What the chart gives ingress and revenue-query: there, a service beyond it is killed. */
const limits: Peak = { memoryBytes: 384 * 1024 ** 2, openFiles: 4_500 };

/** Watches what services hold, as far as the system tells (Linux). */
export function watchPeaks(parts: readonly Part[]): PeakWatch {
  const peaks = new Map<string, Peak>();
  const look = (): void => {
    for (const part of parts) {
      const { memoryBytes = 0, openFiles = 0 } = peaks.get(part.name) ?? {};
      const now = holdings(part.pid());
      peaks.set(part.name, {
        memoryBytes: Math.max(memoryBytes, now.memoryBytes),
        openFiles: Math.max(openFiles, now.openFiles),
      });
    }
  };
  const timer = setInterval(look, everyMs);
  return { peaks, stop: () => clearInterval(timer) };
}

/** Services that hold more than they ever should. */
export function overgrown(peaks: Peaks): Violation[] {
  return [...peaks].flatMap(([name, { memoryBytes, openFiles }]) => {
    const held = `${name} held ${Math.round(memoryBytes / 1024 ** 2)} MiB and ${openFiles} open files`;
    const isBounded = memoryBytes <= limits.memoryBytes && openFiles <= limits.openFiles;
    return isBounded ? [] : [{ invariant: "BOUND", detail: held }];
  });
}

/** Nothing where the process is gone or the system has no /proc. */
function holdings(pid: number): Peak {
  try {
    const resident = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    // A process that is just ending has no memory any more.
    return { memoryBytes: (resident || 0) * 1024, openFiles: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { memoryBytes: 0, openFiles: 0 };
  }
}
