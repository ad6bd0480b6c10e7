import { z } from "zod";
import { openClient } from "./open-client.ts";

/** Sequences from `first` to `last`, both included. */
export type SequenceRange = { readonly first: number; readonly last: number };

const text = `
  select lower(run) as first, upper(run) - 1 as last
  from (select unnest(range_agg(sequences)) as run from takings.committed_sequences where stream = $1) as committed
  order by first`;

const row = z.object({ first: z.coerce.number(), last: z.coerce.number() });

/**
 * Which sequences of a stream are committed, ascending and as few ranges as there can be.
 * @param url a login that was granted `takings_purger`, which may read this and nothing else.
 * @param stream the stream's moment of creation.
 */
export async function readCommittedSequences(url: string, stream: string): Promise<readonly SequenceRange[]> {
  const client = await openClient(url, { name: "purger", statementTimeoutMs });
  try {
    const { rows } = await client.query(text, [stream]);
    return rows.map((found) => row.parse(found));
  } finally {
    await client.end();
  }
}

const statementTimeoutMs = 30_000;
