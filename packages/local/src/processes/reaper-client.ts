import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Stoppable } from "./end-process.ts";

/** One message from the supervisor to the reaper. */
export type ReaperMessage =
  | { readonly kind: "watch"; readonly process: Stoppable }
  | { readonly kind: "forget"; readonly pid: number }
  | { readonly kind: "remove"; readonly dir: string }
  | { readonly kind: "shutdown" };

/** Ends processes when this process dies. */
export interface Reaper {
  /** Ends this process if the supervisor dies. */
  watch(process: Stoppable): void;
  /** It has ended, or may outlive the supervisor. */
  forget(pid: number): void;
  /** Removes this folder, after the watched processes have ended, if the supervisor dies. */
  removeOnExit(dir: string): void;
  /** Ends the reaper; what it still watches keeps running. */
  dismiss(): void;
}

/** Starts a process that ends the watched ones if this one dies without `dismiss`. */
export function startReaper(): Reaper {
  const watched = new Map<number, Stoppable>();
  let temporary: string | undefined;
  let dismissed = false;
  let child = launch();

  function launch(): ChildProcess {
    const script = fileURLToPath(new URL("reaper.ts", import.meta.url));
    // Without the user's environment, so that no debugger or preload gets into it.
    const reaper = spawn(process.execPath, [script], {
      detached: true,
      env: { PATH: "/usr/bin:/bin" },
      stdio: ["pipe", "ignore", "ignore"],
    });
    reaper.unref();
    reaper.stdin?.on("error", () => undefined);
    reaper.once("error", () => undefined);
    reaper.once("exit", () => {
      if (dismissed) return;
      child = launch();
      for (const process of watched.values()) send({ kind: "watch", process });
      if (temporary !== undefined) send({ kind: "remove", dir: temporary });
    });
    return reaper;
  }

  function send(message: ReaperMessage): void {
    child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  return {
    watch(process) {
      watched.set(process.pid, process);
      send({ kind: "watch", process });
    },
    forget(pid) {
      watched.delete(pid);
      send({ kind: "forget", pid });
    },
    removeOnExit(dir) {
      temporary = dir;
      send({ kind: "remove", dir });
    },
    dismiss() {
      dismissed = true;
      send({ kind: "shutdown" });
      child.stdin?.end();
    },
  };
}
