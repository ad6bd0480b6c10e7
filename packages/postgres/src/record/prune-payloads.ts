import type { Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { writeError } from "../session/database-errors.ts";
import { momentText } from "../columns/moment-text.ts";

/** Which payloads to remove, and in which steps. */
export type PruneOptions = {
  /** Payloads recorded longer ago than this, by the clock of the database, are removed. */
  readonly olderThanDays: number;
  /** Called after every batch: how many were removed so far, and up to which recorded time. */
  readonly onProgress?: (removed: number, upTo: Moment) => void;
  /** How many rows a transaction locks at most. */
  readonly batchSize?: number;
};

const removeText = `
  select removed::integer as removed, ${momentText("up_to")} as up_to from takings.prune_payloads($1, $2, $3)`;

const batchRow = z.object({ removed: z.number(), up_to: z.string().nullable() });
const countRow = z.object({ count: z.string().transform(Number) });
const defaultBatchSize = 2_000;

/**
 * Removes the payloads of processed events that are older, batch by batch. All other columns stay. Can be stopped and
 * repeated at any time. Resolves with how many it removed.
 * @throws TakingsError `unavailable`; batches that were committed stay removed.
 */
export async function prunePayloads(pool: Pool, options: PruneOptions): Promise<number> {
  const { olderThanDays, onProgress, batchSize = defaultBatchSize } = options;
  let removed = 0;
  let upTo: Moment = "-infinity";
  for (;;) {
    const { rows } = await pool
      .query<Record<string, unknown>>(removeText, [olderThanDays, upTo, batchSize])
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
 * How many payloads {@link prunePayloads} would remove now. Changes nothing.
 * @throws TakingsError `unavailable`
 */
export async function countPrunablePayloads(pool: Pool, olderThanDays: number): Promise<number> {
  const { rows } = await pool
    .query<Record<string, unknown>>("select takings.count_prunable_payloads($1) as count", [olderThanDays])
    .catch((cause: unknown) => {
      throw writeError(cause, "counting old payloads");
    });
  return countRow.parse(rows[0]).count;
}
