import { once } from "node:events";
import { parentPort, Worker } from "node:worker_threads";

/** A thread that executes commands, one at a time. */
export type Thread<Command> = {
  /** Resolves with the command's result. An error of the thread rejects this. */
  execute(command: Command): Promise<unknown>;
  end(): Promise<void>;
};

/** Starts a thread. @param file its program in this folder, which calls `executeCommands`. */
export function startThread<Command>(file: string, workerData: object): Thread<Command> {
  const thread = new Worker(new URL(file, import.meta.url), { workerData });
  return {
    async execute(command) {
      const done = once(thread, "message");
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- This is a thread, not a window.
      thread.postMessage(command);
      return (await done)[0];
    },
    end: async () => void (await thread.terminate()),
  };
}

/** Called by a thread's program: executes the commands that it gets. A failure ends the benchmark. */
export function executeCommands(execute: (command: never) => Promise<unknown>): void {
  parentPort?.on("message", (command: unknown) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- This is a thread, not a window.
    void execute(command as never).then((result) => parentPort?.postMessage(result));
  });
}
