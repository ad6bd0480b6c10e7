import { isAlive, isStopped, type ProcessIdentity, signalProcess } from "@takings/local";
import { eventually } from "./eventually.ts";

/** Stops a process until it gets SIGCONT; resolves when none of its threads runs. */
export async function freezeProcess(process: ProcessIdentity): Promise<void> {
  signalProcess(process, "SIGSTOP");
  await eventually(`process ${process.pid} to be stopped`, () => !isAlive(process) || isStopped(process.pid));
}
