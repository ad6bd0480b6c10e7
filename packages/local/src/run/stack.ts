import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { claimDirectory, emptyDirectory } from "../directory/data-directory.ts";
import { lockDirectory } from "../directory/directory-lock.ts";
import { LocalFailure } from "../failure.ts";
import { endOrphans, removeProcessRecord, recordProcesses } from "../processes/orphan-processes.ts";
import { removeSavedSettings, saveSettings } from "../directory/saved-settings.ts";
import { listenHost } from "../network/listen-host.ts";
import { requireFileOwnership } from "../directory/file-ownership.ts";
import { portFrom } from "../network/ports.ts";
import { startReaper } from "../processes/reaper-client.ts";
import {
  readRunFile,
  removeRunFile,
  type RunEntry,
  type RunFile,
  writeRunFile,
} from "../directory/run-file.ts";
import { startServers } from "./servers.ts";
import { localEnv, services, setupSteps } from "./services.ts";
import { runSetup, startServices } from "./start-services.ts";
import { createSupervisor } from "../processes/supervisor.ts";
import type { StackContext, StackSettings } from "./stack-context.ts";

/** A stack that is starting or running. */
export interface Stack {
  /** Resolves with the components when all are ready; rejects when one fails, with everything stopped again. */
  readonly started: Promise<RunFile>;
  /** Ends all components in order; only the data is left. May be called at any time and more than once. */
  readonly stop: () => Promise<void>;
  /** Ends everything at once. */
  readonly kill: () => void;
}

const setupNames = ["migrate", "stream"];
const stopOrder = ["ingress", "consumer", "revenue-query", "nats", "postgres"];

/** Starts servers and services. Throws a LocalFailure when another stack runs on this directory. */
export function startStack(settings: StackSettings): Stack {
  const { dir, say } = settings;
  const release = claim(dir);
  const stopping = new AbortController();
  const reaper = startReaper();
  if (settings.temporary === true) reaper.removeOnExit(dir);
  const components = new Map<string, Omit<RunEntry, "pid"> & { readonly key: string }>();
  const supervisor = createSupervisor({ reaper, signal: stopping.signal, say, changed: note });

  function runFile(): RunFile {
    const entries = supervisor.processes().flatMap(({ name, pid }) => {
      const { key, ...urls } = components.get(name) ?? {};
      return key === undefined ? [] : [[key, { ...urls, pid }]];
    });
    return Object.fromEntries(entries);
  }

  function note(): void {
    recordProcesses(dir, supervisor.processes());
    writeRunFile(dir, runFile());
  }

  async function stopAll(): Promise<void> {
    stopping.abort();
    await supervisor.stop([...setupNames, ...stopOrder]);
    // Whatever was being started has ended by itself or ends now.
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
  const up = bringUp(settings, {
    signal: stopping.signal,
    run: supervisor.run,
    start(key, definition, urls) {
      components.set(definition.name, { key, ...urls });
      return supervisor.start(definition);
    },
  });
  const started = up.then(runFile).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { started, stop, kill };
}

async function bringUp(
  settings: StackSettings,
  control: Pick<StackContext, "signal" | "run" | "start">,
): Promise<void> {
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
  const context: StackContext = { ...settings, ...control, host, publicPorts };
  const servers = await startServers(context);
  await runSetup(context, settings.setup ?? setupSteps, servers);
  await startServices(context, settings.services ?? services, servers);
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
