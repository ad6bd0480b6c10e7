import type { Pool } from "pg";
import { readError } from "./database-errors.ts";

/** A statement with its values, and a parser for its rows. */
export type Read<Row> = {
  /** What is read, for error messages. */
  readonly what: string;
  /** If given, the statement is prepared once per connection; one text per name. */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
  readonly parse: (row: unknown) => Row;
};

/**
 * Runs one statement that reads, and parses its rows.
 * @throws TakingsError `unavailable` when the database is unavailable, too slow, or not migrated.
 */
export async function runRead<Row>(pool: Pool, read: Read<Row>): Promise<Row[]> {
  const { name, text, values } = read;
  const statement = { ...(name !== undefined && { name }), text, values: [...values] };
  const { rows } = await pool.query<Record<string, unknown>>(statement).catch((cause) => {
    throw readError(cause, read.what);
  });
  return rows.map((row) => read.parse(row));
}
