import { readFileSync } from "node:fs";
import type { Logger } from "./logger.ts";

/**
 * What a service needs beside the connections of its clients: its own files, connections to servers, probes and scrapes.
 * Ingress and revenue-query have 25 to 40 open when idle.
 */
const reservedFiles = 100;

/**
 * How many connections a server may accept, so that clients cannot use up the open files of its process. Node accepts and
 * closes connections without a sign when none is left, those of probes too, and connections to servers cannot be restored.
 * At least half of the limit is for clients. A lower number than wanted is logged.
 * @param limit of open files of this process.
 */
export function connectionsWithinOpenFiles(wanted: number, log: Logger, limit = openFilesLimit()): number {
  const connections = Math.min(wanted, Math.max(Math.floor(limit / 2), limit - reservedFiles));
  if (connections < wanted)
    log.warn({ open_files: limit, needed: wanted + reservedFiles, connections }, "open_files_limited");
  return connections;
}

/**
 * The soft limit, which Node raises to the hard one when it starts. Infinity where it is unlimited or, as on systems other
 * than Linux, unknown. https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html
 */
function openFilesLimit(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}
