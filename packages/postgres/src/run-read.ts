import type { Pool } from "pg";
import { readError } from "./database-errors.ts";

/** A statement with its values, and how one of its rows becomes a domain value. */
export type Read<Row> = {
  /** What is read, for the message of a failure. */
  readonly what: string;
  /** Given where the plan of the statement is to be kept on the connection; one text per name. */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
  readonly parse: (row: unknown) => Row;
};

/**
 * Runs one reading statement and decodes every row.
 * @throws TakingsError `unavailable` when the database is away, too slow, or not (yet) set up for this reader.
 */
export async function runRead<Row>(pool: Pool, read: Read<Row>): Promise<Row[]> {
  const { name, text, values } = read;
  const statement = { ...(name !== undefined && { name }), text, values: [...values] };
  const { rows } = await pool.query<Record<string, unknown>>(statement).catch((cause) => {
    throw readError(cause, read.what);
  });
  return rows.map((row) => read.parse(row));
}
