import type { Moment } from "@takings/domain";
import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { momentText } from "../columns/moment-text.ts";
import { writeError } from "../session/database-errors.ts";
import { runRead } from "../session/run-read.ts";

// How recorded time works is described in the migrations, where the functions of the database are.

const momentRow = z.object({ moment: z.string() });

/**
 * Makes the client's open transaction a recording and returns its recorded time, which everything that it writes gets.
 * Readers stay before it until the transaction has ended.
 */
export async function beginRecording(client: ClientBase): Promise<Moment> {
  const { rows } = await client.query("select takings.begin_recording()::text as moment");
  return momentRow.parse(rows[0]).moment;
}

/**
 * Moves the safe read time near the present when nothing was recorded for half a second. Any number of processes may
 * call it at any time.
 * @throws TakingsError `unavailable`
 */
export async function advanceRecordedTime(pool: Pool): Promise<void> {
  try {
    await pool.query("select takings.advance_recorded_time()");
  } catch (error) {
    throw writeError(error, "advancing recorded time");
  }
}

const safeReadTimeText = `select ${momentText("takings.safe_read_time()")} as moment`;

/**
 * The time up to which everything recorded is final; see `PaymentReader.safeReadTime`.
 * @throws TakingsError `unavailable`, or `stale` when a recording has been in progress for more than a minute or the
 * server is a standby: no recent time is safe then.
 */
export async function readSafeReadTime(pool: Pool): Promise<Moment> {
  const parse = (row: unknown): Moment => momentRow.parse(row).moment;
  const [moment] = await runRead(pool, {
    what: "the safe read time",
    name: "safe read time",
    text: safeReadTimeText,
    values: [],
    parse,
  });
  if (moment === undefined) throw new Error("takings.safe_read_time() returned no row: run takings migrate");
  return moment;
}

/** The state of recorded time, by the clock of the database. */
export type RecordedTime = {
  /** How long the oldest recording has been in progress, 0 when there is none. It holds back the safe read time. */
  readonly oldestSeconds: number;
  /** How far the latest recording is ahead of the clock, 0 when it is not. */
  readonly aheadSeconds: number;
};

const stateText = `
  select coalesce(greatest(extract(epoch from now - oldest), 0), 0)::float8 as oldest,
    greatest(extract(epoch from latest - now), 0)::float8 as ahead
  from takings.recording_state()`;
const stateRow = z.object({ oldest: z.number(), ahead: z.number() });

/**
 * Reads the state of recorded time, for monitoring.
 * @throws TakingsError `unavailable`, or `stale` on a standby.
 */
export async function readRecordedTime(pool: Pool): Promise<RecordedTime> {
  const parse = (found: unknown): RecordedTime => {
    const { oldest, ahead } = stateRow.parse(found);
    return { oldestSeconds: oldest, aheadSeconds: ahead };
  };
  const [state] = await runRead(pool, { what: "recorded time", text: stateText, values: [], parse });
  if (state === undefined) throw new Error("takings.recording_state() returned no row: run takings migrate");
  return state;
}

const commitWaitText = `
  select coalesce(max(extract(epoch from state.now - query_start)), 0)::float8 as seconds
  from takings.recording_state() as state
  join pg_stat_activity on wait_event = 'SyncRep' and usename = current_user`;
const commitWaitRow = z.object({ seconds: z.number() });

/**
 * How long the oldest commit of this login has been waiting for a synchronous standby, in seconds; 0 when none waits.
 * @throws TakingsError `unavailable`, or `stale` on a standby.
 */
export async function longestCommitWait(pool: Pool): Promise<number> {
  const parse = (row: unknown): number => commitWaitRow.parse(row).seconds;
  const [seconds = 0] = await runRead(pool, {
    what: "waiting commits",
    text: commitWaitText,
    values: [],
    parse,
  });
  return seconds;
}
