import type { StreamPosition } from "./event-record.ts";

/**
 * Records which message a process is processing in isolation. The record survives a crash of the process. All methods throw
 * TakingsError `unavailable` when the store is unavailable.
 */
export type IsolationLog = {
  /** How many attempts at each message began and did not end; in the given order. */
  unfinished(positions: readonly StreamPosition[]): Promise<readonly number[]>;
  /** Records that an attempt begins. Resolves once that is committed. */
  begin(position: StreamPosition): Promise<void>;
  /** Records that the process survived the attempt. */
  end(position: StreamPosition): Promise<void>;
};
