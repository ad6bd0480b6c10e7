import { createPool } from "@takings/postgres";
import type { Print } from "../command.ts";

/** A pool of connections to PostgreSQL. */
export type Pool = ReturnType<typeof createPool>;

type PoolOptions = {
  readonly url: string;
  /** Shown by PostgreSQL as part of the application name. */
  readonly name: string;
  readonly statementTimeoutMs: number;
  readonly print: Print;
};

/** Runs some work with one connection to PostgreSQL, and closes it afterwards. A lost connection is replaced. */
export async function withPool<T>(
  { print, ...options }: PoolOptions,
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  const onIdleError = (error: Error): void =>
    print(`the database connection was lost and is replaced: ${error.message}`);
  const pool = createPool({ ...options, max: 1, onIdleError });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
