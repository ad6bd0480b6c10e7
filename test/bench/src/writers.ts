import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Settings of a writer. Writers with the same seed generate the same payments. */
export type WriterSettings = { readonly url: string; readonly withRollup: boolean; readonly seed: number };
export type WriterCommand =
  | { readonly kind: "prepare"; readonly batches: number }
  | { readonly kind: "write" };

/** A writer with its own thread and its own connection. */
export type Writer = {
  /** Generates that many batches of 500 payments of the present moment. */
  prepare(batches: number): Promise<void>;
  /** Writes the prepared batches one after the other. */
  write(): Promise<void>;
  /** Terminates the thread. */
  end(): Promise<void>;
};

/** Starts a writer. */
export function startWriter(settings: WriterSettings): Writer {
  const thread = new Worker(new URL("writer-thread.ts", import.meta.url), { workerData: settings });
  const execute = async (command: WriterCommand): Promise<void> => {
    // An error of the thread rejects this.
    const done = once(thread, "message");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- This is a thread, not a window.
    thread.postMessage(command);
    await done;
  };
  return {
    prepare: (batches) => execute({ kind: "prepare", batches }),
    write: () => execute({ kind: "write" }),
    end: async () => void (await thread.terminate()),
  };
}
