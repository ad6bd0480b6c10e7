import type { StreamPosition } from "@takings/domain";
import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { writeError } from "../session/database-errors.ts";
import { openClient } from "../session/open-client.ts";

const writeText = `
  insert into takings.committed_sequences (stream, sequences)
  select stream, range_agg(int8range(sequence, sequence, '[]'))
  from unnest($1::text[], $2::bigint[]) as at (stream, sequence)
  group by stream`;

/** The position of an event that did not come from the stream. */
const offStream: StreamPosition = { stream: "", sequence: 0 };

/**
 * Adds positions to the committed ones, in the same transaction as their events. It always inserts a row: PostgreSQL
 * waits for its standby only if a transaction has written something. A batch of nothing but duplicates may be
 * acknowledged only after the events that it duplicates are replicated, and the outcome of their commit may be unknown.
 */
export async function writeCommittedSequences(
  client: PoolClient,
  positions: readonly (StreamPosition | undefined)[],
): Promise<void> {
  const places = positions.length === 0 ? [offStream] : positions.map((position) => position ?? offStream);
  await client.query({
    name: "write-committed-sequences",
    text: writeText,
    values: [places.map(({ stream }) => stream), places.map(({ sequence }) => sequence)],
  });
}

/**
 * Merges the rows that batches have inserted into one per stream, and returns how many rows were merged. Any number of
 * processes may call it at any time. The set of committed sequences stays the same.
 * @throws TakingsError `unavailable`
 */
export async function compactCommittedSequences(pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ compacted: string }>(
      "select takings.compact_committed_sequences() as compacted",
    );
    return Number(rows[0]?.compacted ?? 0);
  } catch (error) {
    throw writeError(error, "compacting the committed sequences");
  }
}

/** Sequences from `first` to `last`, both included. */
export type SequenceRange = { readonly first: number; readonly last: number };

const readText = `
  select lower(run) as first, upper(run) - 1 as last
  from (select unnest(range_agg(sequences)) as run from takings.committed_sequences where stream = $1) as committed
  order by first`;

const rangeRow = z.object({ first: z.coerce.number(), last: z.coerce.number() });
const statementTimeoutMs = 30_000;

/**
 * Which sequences of a stream are committed, in ascending ranges that do not touch.
 * @param url a login with the role `takings_purger`, which may read this and nothing else.
 * @param stream when the stream was created.
 */
export async function readCommittedSequences(url: string, stream: string): Promise<readonly SequenceRange[]> {
  const client = await openClient(url, { name: "purger", statementTimeoutMs });
  try {
    const { rows } = await client.query(readText, [stream]);
    return rows.map((found) => rangeRow.parse(found));
  } finally {
    await client.end();
  }
}
