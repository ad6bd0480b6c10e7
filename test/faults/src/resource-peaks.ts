import { readdirSync, readFileSync } from "node:fs";
import type { Violation } from "./invariants.ts";
import type { SupervisedProcess } from "./supervised-process.ts";

/** The most that a process ever used. */
type Peak = { memoryBytes: number; openFiles: number };

export type Peaks = ReadonlyMap<string, Readonly<Peak>>;

export type PeakWatch = { readonly peaks: Peaks; stop(): void };

const everyMs = 250;

/** The memory limit of ingress and revenue-query in the chart, beyond which a container is killed. */
const limits: Peak = { memoryBytes: 384 * 1024 ** 2, openFiles: 4_500 };

/** Samples memory and open files of processes (Linux only). */
export function watchPeaks(processes: readonly SupervisedProcess[]): PeakWatch {
  const peaks = new Map<string, Peak>();
  const sample = (): void => {
    for (const process of processes) {
      const { memoryBytes = 0, openFiles = 0 } = peaks.get(process.name) ?? {};
      const now = resourceUsage(process.pid());
      peaks.set(process.name, {
        memoryBytes: Math.max(memoryBytes, now.memoryBytes),
        openFiles: Math.max(openFiles, now.openFiles),
      });
    }
  };
  const timer = setInterval(sample, everyMs);
  return { peaks, stop: () => clearInterval(timer) };
}

/** Whether a process has not used more than the limits so far. */
export function isWithinLimits(process: SupervisedProcess): boolean {
  return isWithin(resourceUsage(process.pid()));
}

function isWithin({ memoryBytes, openFiles }: Peak): boolean {
  return memoryBytes <= limits.memoryBytes && openFiles <= limits.openFiles;
}

/** Processes that used more than the limits. */
export function limitViolations(peaks: Peaks): Violation[] {
  return [...peaks].flatMap(([name, peak]) => {
    const { memoryBytes, openFiles } = peak;
    const detail = `${name} used ${Math.round(memoryBytes / 1024 ** 2)} MiB and ${openFiles} open files`;
    return isWithin(peak) ? [] : [{ invariant: "BOUND", detail }];
  });
}

/** Zero when the process is gone or the system has no /proc. */
function resourceUsage(pid: number): Peak {
  try {
    const resident = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    // A process that is ending has no memory.
    return { memoryBytes: (resident || 0) * 1024, openFiles: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { memoryBytes: 0, openFiles: 0 };
  }
}
