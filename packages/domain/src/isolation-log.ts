import type { StreamPosition } from "./event-record.ts";

/**
 * Remembers, beyond the death of a process, which event it was working on alone. All methods throw TakingsError
 * `unavailable` when the store is away.
 */
export type IsolationLog = {
  /** How many trials of each were begun and never ended; in the order given. */
  unfinished(positions: readonly StreamPosition[]): Promise<readonly number[]>;
  /** Notes that a trial of this event begins. Resolves once that is committed. */
  begin(position: StreamPosition): Promise<void>;
  /** Notes that the process has lived through a trial of it. */
  end(position: StreamPosition): Promise<void>;
};
