import { startThread } from "./thread.ts";

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
  const { execute, end } = startThread<WriterCommand>("writer-thread.ts", settings);
  return {
    prepare: async (batches) => void (await execute({ kind: "prepare", batches })),
    write: async () => void (await execute({ kind: "write" })),
    end,
  };
}
