import { setTimeout as delay } from "node:timers/promises";
import type { Child } from "./child.ts";
import { diskFullNote } from "./disk-space.ts";
import { LocalFailure } from "../failure.ts";
import { type ProcessDefinition, processFailed } from "./process-definition.ts";

/** Who is waiting. */
export interface ReadyWait {
  /** Ends the wait with a LocalFailure. */
  readonly signal?: AbortSignal;
  /** Receives a line from time to time while the wait lasts. */
  readonly say?: (line: string) => void;
}

/** A longer wait is reported, with its reason. */
const firstReportMs = 5_000;
const firstPauseMs = 20;
const longestPauseMs = 250;

/**
 * Waits until a process is ready. Resolves with undefined, or with how the process ended when it ended before that.
 * Throws a LocalFailure when the definition's time is over.
 */
export async function waitUntilReady(
  definition: ProcessDefinition,
  child: Child,
  { signal, say = () => undefined }: ReadyWait = {},
): Promise<string | undefined> {
  const { name, logFile, ready } = definition;
  if (ready === undefined) return undefined;
  const began = performance.now();
  let nextReportMs = firstReportMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.2, longestPauseMs)) {
    const reason = await ready.missing();
    if (reason === undefined) return undefined;
    if (signal?.aborted === true) throw startAborted();
    if (child.hasEnded()) return child.ended;
    const elapsedMs = performance.now() - began;
    const waited = `after ${Math.round(elapsedMs / 1_000)} s, ${reason}`;
    if (elapsedMs > ready.withinMs) throw processFailed(definition, `not ready ${waited}`);
    if (elapsedMs > nextReportMs) {
      say(`Waiting for ${name} (${waited}); its log: ${logFile}${diskFullNote(logFile)}`);
      nextReportMs *= 2;
    }
    await delay(pauseMs);
  }
}

/** The failure of a start that was stopped. */
export function startAborted(): LocalFailure {
  return new LocalFailure("Stopped before everything was up.");
}
