import type { Pool } from "pg";
import { z } from "zod";
import { runRead } from "./run-read.ts";

/** How recorded time stands, by the database's clock. */
export type RecordedTime = {
  /** How long the oldest recording has been in progress, 0 when there is none; it holds back all answers. */
  readonly oldestSeconds: number;
  /** How far the latest recording is ahead of the clock, 0 when it is not. */
  readonly aheadSeconds: number;
};

const text = `
  select coalesce(greatest(extract(epoch from now - oldest), 0), 0)::float8 as oldest,
    greatest(extract(epoch from latest - now), 0)::float8 as ahead
  from takings.recording_state()`;

const row = z.object({ oldest: z.number(), ahead: z.number() });

/**
 * Reads how recorded time stands, for whoever watches it.
 * @throws TakingsError `unavailable`, or `stale` on a standby.
 */
export async function readRecordedTime(pool: Pool): Promise<RecordedTime> {
  const parse = (found: unknown): RecordedTime => {
    const { oldest, ahead } = row.parse(found);
    return { oldestSeconds: oldest, aheadSeconds: ahead };
  };
  const [state] = await runRead(pool, { what: "recorded time", text, values: [], parse });
  if (state === undefined) throw new Error("takings.recording_state() gave no row: run the migrations again");
  return state;
}
