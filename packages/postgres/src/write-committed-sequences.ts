import type { StreamPosition } from "@takings/domain";
import type { PoolClient } from "pg";

const text = `
  insert into takings.committed_sequences (stream, sequences)
  select stream, range_agg(int8range(sequence, sequence, '[]'))
  from unnest($1::text[], $2::bigint[]) as at (stream, sequence)
  group by stream`;

const offStream: StreamPosition = { stream: "", sequence: 0 };

/**
 * Adds these places to what of the stream is committed, with whatever else the transaction commits. It always writes:
 * PostgreSQL waits for its standby only when a transaction has written something, and a batch of nothing but
 * duplicates may be acknowledged only if its events, stored in a commit whose fate nobody knows, are replicated.
 */
export async function writeCommittedSequences(
  client: PoolClient,
  positions: readonly (StreamPosition | undefined)[],
): Promise<void> {
  const places = positions.length === 0 ? [offStream] : positions.map((position) => position ?? offStream);
  await client.query({
    name: "write-committed-sequences",
    text,
    values: [places.map(({ stream }) => stream), places.map(({ sequence }) => sequence)],
  });
}
