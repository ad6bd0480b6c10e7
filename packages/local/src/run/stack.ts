import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { claimDirectory, emptyDirectory } from "../directory/data-directory.ts";
import { lockDirectory } from "../directory/directory-lock.ts";
import type { Env } from "../env.ts";
import { LocalFailure } from "../failure.ts";
import { endOrphans, removeProcessRecord, recordProcesses } from "../processes/orphan-processes.ts";
import { removeSavedSettings, saveSettings } from "../directory/saved-settings.ts";
import { listenHost } from "../network/listen-host.ts";
import { requireFileOwnership } from "../directory/file-ownership.ts";
import { portFrom } from "../network/ports.ts";
import { startReaper } from "../processes/reaper-client.ts";
import { readRunFile, removeRunFile, type RunFile, writeRunFile } from "../directory/run-file.ts";
import { startServers } from "./servers.ts";
import { localEnv, type ServiceDefinition, services, type SetupStep, setupSteps } from "./services.ts";
import { runSetup, startServices } from "./start-services.ts";
import { createSupervisor, type Supervisor } from "../processes/supervisor.ts";
import type { TerminalOutput } from "./terminal-output.ts";

/** What a stack depends on. */
export interface StackSettings {
  /** Where it keeps everything; absolute. */
  readonly dir: string;
  /** The checkout, from which the services run; absolute. */
  readonly root: string;
  readonly env: Env;
  /** Empties the data first. */
  readonly fresh?: boolean;
  /** The folder is for this run alone, and goes where this process is killed; otherwise it is the caller's to remove. */
  readonly temporary?: boolean;
  readonly services?: readonly ServiceDefinition[];
  readonly setup?: readonly SetupStep[];
  readonly terminal?: TerminalOutput;
  readonly say: (line: string) => void;
}

/** What the steps of a start share. */
export interface StackContext extends StackSettings {
  readonly supervisor: Supervisor;
  /** Aborted as soon as the stack is to stop. */
  readonly signal: AbortSignal;
  /** The address that the services listen on. */
  readonly host: string;
  readonly publicPorts: { readonly ingress: number; readonly revenue: number };
}

/** A stack on its way up or running. */
export interface Stack {
  /** Resolves with the components when all are up; rejects, with everything stopped again, when that fails. */
  readonly started: Promise<RunFile>;
  /** Ends all components in order; afterwards nothing is left but the data. Works at any time, any number of times. */
  readonly stop: () => Promise<void>;
  /** Ends everything at once. */
  readonly kill: () => void;
}

const setupNames = ["migrate", "stream"];
const stopOrder = ["ingress", "consumer", "revenue-query", "nats", "postgres"];

/** Starts servers and services. Throws a LocalFailure where another stack runs on this directory. */
export function startStack(settings: StackSettings): Stack {
  const { dir, say } = settings;
  const release = claim(dir);
  const stopping = new AbortController();
  const reaper = startReaper();
  if (settings.temporary === true) reaper.removeOnExit(dir);
  const supervisor = createSupervisor({ reaper, signal: stopping.signal, say, changed: note });

  function note(): void {
    recordProcesses(dir, supervisor.processes());
    writeRunFile(dir, supervisor.components());
  }

  async function stopAll(): Promise<void> {
    stopping.abort();
    await supervisor.stop([...setupNames, ...stopOrder]);
    // Whatever was under way when the stop came has ended by itself or ends now.
    await up.catch(() => undefined);
    await supervisor.stop(supervisor.processes().map(({ name }) => name));
    cleanUp();
  }

  function cleanUp(): void {
    removeRunFile(dir);
    removeSavedSettings(dir);
    removeProcessRecord(dir);
    release();
    reaper.dismiss();
  }

  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= stopAll());
  const kill = (): void => {
    stopping.abort();
    supervisor.kill();
    cleanUp();
  };
  const up = bringUp(settings, supervisor, stopping.signal);
  const started = up.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { started, stop, kill };
}

async function bringUp(
  settings: StackSettings,
  supervisor: Supervisor,
  signal: AbortSignal,
): Promise<RunFile> {
  const { dir, env, say } = settings;
  await endOrphans(dir, say);
  if (settings.fresh === true) emptyDirectory(dir);
  mkdirSync(join(dir, "logs"), { recursive: true, mode: 0o700 });
  const publicPorts = {
    ingress: await portFrom(env, "INGRESS_PORT", 8080),
    revenue: await portFrom(env, "REVENUE_PORT", 8081),
  };
  saveSettings(dir, localEnv(env));
  const host = listenHost(env, say);
  const context: StackContext = { ...settings, supervisor, signal, host, publicPorts };
  const servers = await startServers(context);
  await runSetup(context, settings.setup ?? setupSteps, servers);
  await startServices(context, settings.services ?? services, servers);
  return supervisor.components();
}

function claim(dir: string): () => void {
  claimDirectory(dir);
  requireFileOwnership(dir);
  const lock = lockDirectory(dir);
  if (lock.kind === "ours") return lock.release;
  const url = readRunFile(dir)?.["ingress"]?.url;
  const where = url === undefined ? "still starting" : url;
  throw new LocalFailure(
    `Takings already runs on ${dir} (pid ${lock.by.pid}, ${where}): stop it first, or set TAKINGS_DIR to another folder.`,
  );
}
