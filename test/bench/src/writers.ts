import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What a writer is told at its start. Writers of one seed invent the same payments. */
export type WriterSettings = { readonly url: string; readonly withRollup: boolean; readonly seed: number };
export type WriterCommand =
  | { readonly kind: "prepare"; readonly batches: number }
  | { readonly kind: "write" };

/** A writer with its own thread and its own connection. */
export type Writer = {
  /** Invents that many batches of 500 payments of the present moment. */
  prepare(batches: number): Promise<void>;
  /** Writes what is prepared, one batch after the other. */
  write(): Promise<void>;
  /** Ends the thread, whatever it is doing. */
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
