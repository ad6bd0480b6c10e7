import { TakingsError } from "@takings/domain";
import { DatabaseError, type Pool } from "pg";

/** A statement with its values, and how one of its rows becomes a domain value. */
export type Read<Row> = {
  /** What is read, for the message of a failure. */
  readonly what: string;
  readonly text: string;
  readonly values: readonly unknown[];
  readonly parse: (row: unknown) => Row;
};

/**
 * Runs one reading statement and decodes every row.
 * @throws TakingsError `unavailable` when the database is away, too slow, or not (yet) set up for this reader.
 */
export async function runRead<Row>(pool: Pool, read: Read<Row>): Promise<Row[]> {
  const { rows } = await pool.query<Record<string, unknown>>(read.text, [...read.values]).catch((cause) => {
    throw translated(cause, read.what);
  });
  return rows.map((row) => read.parse(row));
}

/**
 * SQLSTATE classes and codes that say something about the database and nothing about the question: lost or
 * refused connections (08, 28, 3D), conflicts and resources (40, 53, 55), timeouts and shutdown (57), faults of the
 * system (58), and a schema or a right that a migration has not made yet.
 */
const unavailableStates = /^(08|28|3D|3F|40|53|55|57|58)|^(42P01|42883|42501|25006)$/;

function translated(cause: unknown, what: string): unknown {
  if (cause instanceof DatabaseError && !unavailableStates.test(cause.code ?? "")) return cause;
  // What is no answer of the server comes from the socket or the pool: refused, reset, timed out, ended.
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = "check that PostgreSQL is up, migrated and reachable, then ask again";
  return new TakingsError("unavailable", `cannot read ${what} from PostgreSQL: ${reason}; ${advice}`, {
    cause,
  });
}
