import type { Child } from "./child.ts";
import { endProcess } from "./end-process.ts";
import { launch, type ProcessDefinition, processFailed, stoppable } from "./process-definition.ts";
import type { Reaper } from "./reaper-client.ts";
import { waitUntilReady } from "./wait-until-ready.ts";

/** A process that was ready. It is not restarted. */
export interface RunningProcess extends Child {
  /** Ends it, with the definition's signal unless another is given; resolves when it has ended. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** What ends the process if this one dies: the reaper, or a signal to the group that it shares with this one. */
export interface StartOptions {
  readonly reaper?: Reaper;
  readonly sharesGroup?: boolean;
}

/** Starts one process and waits until it is ready. Throws a LocalFailure, with nothing left running, when it fails. */
export async function startProcess(
  definition: ProcessDefinition,
  { reaper, sharesGroup = false }: StartOptions = {},
): Promise<RunningProcess> {
  const child = await launch(definition, { sharesGroup });
  reaper?.watch(stoppable(definition, child));
  const end = async (signal = definition.signal): Promise<void> => {
    await endProcess({ ...stoppable(definition, child), signal }, definition.graceMs);
    await child.ended;
    reaper?.forget(child.pid);
  };
  try {
    const early = await waitUntilReady(definition, child);
    if (early !== undefined) throw processFailed(definition, `${early} before it was ready`);
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
  return { ...child, end };
}
