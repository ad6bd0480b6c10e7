import type { Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { writeError } from "./database-errors.ts";
import { momentText } from "./moment-text.ts";

export type Pruning = {
  /** Bodies of events recorded longer ago than this, by the database's clock, are removed. */
  readonly olderThanDays: number;
  /** Told after every batch: how many are removed so far, and up to which recording. */
  readonly onProgress?: (removed: number, upTo: Moment) => void;
  /** How many rows one transaction holds at most. */
  readonly batchSize?: number;
};

// A quarantined event is not understood yet: its meaning is nowhere but in its body. What was read by older rules may
// have to be read again.
const removable = `
  status = 'processed'
  and rules = takings.present_rules()
  and payload_removed_at is null
  and recorded_at < now() - make_interval(days => $1::integer)`;

// Whoever else holds a row keeps it until the next run. A batch begins where the last one ended, because the index
// still leads through what was just removed.
const text = `
  with old as materialized (
    select event_id, recorded_at
    from takings.events
    where ${removable} and recorded_at >= $2::timestamptz
    order by recorded_at
    limit $3
    for no key update skip locked
  ),
  removed as (
    update takings.events set payload = null, payload_removed_at = statement_timestamp()
    from old
    where events.event_id = old.event_id
    returning old.recorded_at
  )
  select count(*)::integer as removed, ${momentText("max(recorded_at)")} as up_to from removed`;

const batchRow = z.object({ removed: z.number(), up_to: z.string().nullable() });
const countRow = z.object({ count: z.string().transform(Number) });
const defaultBatchSize = 2_000;

/**
 * Removes the bodies of processed events that are older, batch by batch, and nothing else of them: ids, fields and
 * claims stay. Can be stopped and repeated at any time. Resolves with how many were removed.
 * @throws TakingsError `unavailable`; what was removed until then stays removed.
 */
export async function prunePayloads(pool: Pool, pruning: Pruning): Promise<number> {
  const { olderThanDays, onProgress, batchSize = defaultBatchSize } = pruning;
  let removed = 0;
  let upTo: Moment = "-infinity";
  for (;;) {
    const { rows } = await pool
      .query<Record<string, unknown>>(text, [olderThanDays, upTo, batchSize])
      .catch((cause: unknown) => {
        throw writeError(cause, `removing payloads after the first ${removed}`);
      });
    const batch = batchRow.parse(rows[0]);
    if (batch.up_to === null) return removed;
    removed += batch.removed;
    upTo = batch.up_to;
    onProgress?.(removed, upTo);
  }
}

/**
 * How many bodies {@link prunePayloads} would remove now. Changes nothing.
 * @throws TakingsError `unavailable`
 */
export async function countPrunablePayloads(pool: Pool, olderThanDays: number): Promise<number> {
  const { rows } = await pool
    .query<Record<string, unknown>>(`select count(*) from takings.events where ${removable}`, [olderThanDays])
    .catch((cause: unknown) => {
      throw writeError(cause, "counting old payloads");
    });
  return countRow.parse(rows[0]).count;
}
