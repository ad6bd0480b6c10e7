import type { RunEntry } from "../directory/run-file.ts";
import type { Env } from "../env.ts";
import type { ProcessDefinition } from "../processes/process-definition.ts";
import type { ServiceDefinition, SetupStep } from "./services.ts";
import type { TerminalOutput } from "./terminal-output.ts";

/** What a stack depends on. */
export interface StackSettings {
  /** Where it keeps everything; absolute. */
  readonly dir: string;
  readonly env: Env;
  /** Deletes the data first. */
  readonly fresh?: boolean;
  /** The folder is for this run alone: it is removed if this process is killed, and otherwise by the caller. */
  readonly temporary?: boolean;
  readonly services?: readonly ServiceDefinition[];
  readonly setup?: readonly SetupStep[];
  readonly terminal?: TerminalOutput;
  readonly say: (line: string) => void;
}

/** What the steps of a start share. */
export interface StackContext extends StackSettings {
  /** Starts a component, waits until it is ready, keeps it running and lists it in run.json under `key`. */
  readonly start: (key: string, definition: ProcessDefinition, urls: Omit<RunEntry, "pid">) => Promise<void>;
  /** Runs a program to its end; throws a LocalFailure unless it exits with 0. */
  readonly run: (definition: ProcessDefinition) => Promise<void>;
  /** Aborted as soon as the stack is to stop. */
  readonly signal: AbortSignal;
  /** The address that the services listen on. */
  readonly host: string;
  readonly publicPorts: { readonly ingress: number; readonly revenue: number };
}
