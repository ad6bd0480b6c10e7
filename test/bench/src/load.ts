import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What signs, and which events: every thread must have a seed of its own. */
export type LoadSettings = { readonly secret: string; readonly seed: number };

/** What a load thread can be told to do. */
export type LoadCommand =
  /** Sign that many new events for this address. */
  | { readonly kind: "prepare"; readonly url: string; readonly count: number }
  /** Send what is prepared, until it is used up or the time is over; at a rate per second, or as fast as answered. */
  | {
      readonly kind: "send";
      readonly url: string;
      readonly connections: number;
      readonly ms: number;
      readonly rate?: number;
    };

/** How a sending went. */
export type LoadResult = {
  /** Milliseconds of each request that was answered with 200. */
  readonly latencies: readonly number[];
  /** The answers that were not. */
  readonly refused: readonly string[];
  readonly ms: number;
};

/** A sender of webhooks. */
export type Load = {
  prepare(url: string, count: number): Promise<void>;
  /** @throws Error when a request was not answered with 200: then nothing was measured. */
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
