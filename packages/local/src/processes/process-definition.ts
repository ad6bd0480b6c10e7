import { type Child, type ProcessCommand, startChild } from "./child.ts";
import { diskFullNote } from "./disk-space.ts";
import type { Stoppable } from "./end-process.ts";
import { LocalFailure } from "../failure.ts";
import { lastLines } from "./last-lines.ts";

/** A program: how it is started and ended, and when it is ready. It may be started any number of times. */
export interface ProcessDefinition {
  readonly name: string;
  /** Its output is appended here. */
  readonly logFile: string;
  /** Also receives each chunk of its output. */
  readonly tee?: (chunk: Buffer) => void;
  /** Asks it to end cleanly; after `graceMs` it is killed. */
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
  /** How to start it; called before each start. */
  readonly command: () => ProcessCommand | Promise<ProcessCommand>;
  /** When it can be used; without this, as soon as it runs. */
  readonly ready?: {
    readonly withinMs: number;
    /** What it lacks, or undefined when it is ready. */
    readonly missing: () => Promise<string | undefined>;
  };
}

/** Starts the program without waiting until it is ready. Throws a LocalFailure when the system cannot start it. */
export async function launch(
  definition: ProcessDefinition,
  changes?: Partial<ProcessCommand>,
): Promise<Child> {
  const { logFile, tee } = definition;
  return startChild({ ...(await definition.command()), ...changes }, { logFile, ...(tee && { tee }) });
}

/** What is needed to end the process later, even from another program. */
export function stoppable({ name, signal }: ProcessDefinition, { pid, started }: Child): Stoppable {
  return { name, signal, pid, started };
}

/** A failure of the process, with the end of its log. `how` completes "NAME failed (…)". */
export function processFailed({ name, logFile }: ProcessDefinition, how: string): LocalFailure {
  return new LocalFailure(
    `${name} failed (${how})${diskFullNote(logFile)}. Its log, ${logFile}, ends with:\n${lastLines(logFile, 5)}`,
  );
}
