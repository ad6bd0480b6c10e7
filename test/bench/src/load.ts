import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** The signing secret, and the seed of the events, which must differ between threads. */
export type LoadSettings = { readonly secret: string; readonly seed: number };

/** A command to a load thread. */
export type LoadCommand =
  /** Signs that many new events for this address. */
  | { readonly kind: "prepare"; readonly url: string; readonly count: number }
  /** Sends the prepared events until they are used up or the time is over, at a rate per second or in a closed loop. */
  | {
      readonly kind: "send";
      readonly url: string;
      readonly connections: number;
      readonly ms: number;
      readonly rate?: number;
    };

/** The result of a run. */
export type LoadResult = {
  /** Milliseconds of each request with response 200. */
  readonly latencies: readonly number[];
  /** All other responses. */
  readonly refused: readonly string[];
  readonly ms: number;
};

/** A sender of webhooks. */
export type Load = {
  prepare(url: string, count: number): Promise<void>;
  /** @throws Error when a response is not 200: then nothing was measured. */
  send(command: Omit<LoadCommand & { kind: "send" }, "kind">): Promise<LoadResult>;
  end(): Promise<void>;
};

/** Starts a sender. */
export function startLoad(settings: LoadSettings): Load {
  const thread = new Worker(new URL("load-thread.ts", import.meta.url), { workerData: settings });
  const execute = async (command: LoadCommand): Promise<unknown> => {
    // An error of the thread rejects this.
    const done = once(thread, "message");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- This is a thread, not a window.
    thread.postMessage(command);
    return (await done)[0];
  };
  return {
    prepare: async (url, count) => void (await execute({ kind: "prepare", url, count })),
    async send(command) {
      const result = (await execute({ kind: "send", ...command })) as LoadResult;
      const [refusal] = result.refused;
      if (refusal === undefined && result.latencies.length > 0) return result;
      throw new Error(`${command.url} did not answer with 200, so nothing was measured: ${refusal}`);
    },
    end: async () => void (await thread.terminate()),
  };
}
